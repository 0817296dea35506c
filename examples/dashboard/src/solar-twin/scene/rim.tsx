import { useFrame, useThree } from '@react-three/fiber';
import { useLayoutEffect, useMemo, useRef } from 'react';
import { BackSide, DoubleSide, type InstancedMesh, type Mesh, PlaneGeometry } from 'three';
import { MODULE } from '../layout.js';
import { useReducedMotion } from '../use-reduced-motion.js';
import type { SceneView } from '../view.js';
import { turn } from './modules.js';

/** How long a pulse lasts, s, and how wide the rim is, m. */
const PULSE = 1.2;
const RIM = 0.18;

/** A rim around a part: the chosen one, or one with a trouble, which pulses once and then stays. */
export function Rim({
  view: { layout, bases, plant },
  id,
  colour,
  pulses,
}: {
  readonly view: SceneView;
  readonly id: string;
  readonly colour: string;
  readonly pulses: boolean;
}) {
  const still = useReducedMotion();
  const strings = useRef<InstancedMesh>(null);
  const cabinet = useRef<Mesh>(null);
  const passed = useRef(pulses && !still ? 0 : PULSE);
  const invalidate = useThree((state) => state.invalidate);
  const part = layout.components.find((component) => component.id === id);
  const [first, count] = useMemo(
    () =>
      modulesOf(
        layout,
        plant.strings.findIndex((string) => string.id === id),
      ),
    [layout, plant, id],
  );
  const sheet = useMemo(() => new PlaneGeometry(MODULE.width, MODULE.length).rotateX(-Math.PI / 2), []);
  const basis = bases[part?.array ?? -1];

  const draw = () => {
    // Out and back once: the rim is widest in the middle of the pulse.
    const width = RIM * (1 + 4 * Math.sin((Math.PI * Math.min(PULSE, passed.current)) / PULSE));
    if (strings.current !== null && basis !== undefined) {
      const grown = [1 + (2 * width) / MODULE.width, 1 + (2 * width) / MODULE.length] as const;
      turn(strings.current, layout.positions, first, count, basis, grown, 0.06);
      strings.current.instanceMatrix.needsUpdate = true;
      strings.current.computeBoundingSphere();
    }
    if (cabinet.current !== null) cabinet.current.scale.setScalar(1 + width);
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: what it draws follows from these.
  useLayoutEffect(() => {
    draw();
    invalidate();
  }, [basis, first, count, invalidate]);
  useFrame((_, passes) => {
    if (passed.current >= PULSE) return;
    passed.current += Math.min(0.1, passes);
    draw();
    invalidate();
  });

  if (part === undefined) return null;
  if (part.size !== undefined)
    return (
      <mesh ref={cabinet} position={[...part.center]}>
        <boxGeometry args={[...part.size]} />
        <meshBasicMaterial color={colour} side={BackSide} />
      </mesh>
    );
  return (
    <instancedMesh ref={strings} args={[sheet, undefined, count]}>
      <meshBasicMaterial color={colour} side={DoubleSide} />
    </instancedMesh>
  );
}

/** Where the modules of a string begin, and how many they are: they stand together. */
function modulesOf({ stringOf }: SceneView['layout'], string: number): readonly [first: number, count: number] {
  const first = stringOf.indexOf(string);
  return first < 0 ? [0, 0] : [first, stringOf.lastIndexOf(string) - first + 1];
}
