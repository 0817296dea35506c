import { type ThreeEvent, useThree } from '@react-three/fiber';
import { memo, useLayoutEffect, useMemo, useRef } from 'react';
import {
  BufferGeometry,
  Color,
  DoubleSide,
  Float32BufferAttribute,
  type InstancedMesh,
  Object3D,
  Vector3,
} from 'three';
import type { Building, Layout } from '../layout.js';
import { NO_VALUE } from '../ramp.js';
import type { Palette } from '../scene.js';
import type { Vec3 } from '../vector.js';
import type { SceneView } from '../view.js';

interface Fixture {
  readonly layout: Layout;
  readonly palette: Palette;
}

/** The ground, and what keeps the sun from it. */
export const Ground = memo(function Ground({
  layout: { bounds },
  palette,
  shaded,
}: Fixture & { readonly shaded: boolean }) {
  const [x, z] = [(bounds.low[0] + bounds.high[0]) / 2, (bounds.low[2] + bounds.high[2]) / 2];
  const radius = 8 * (Math.hypot(bounds.high[0] - bounds.low[0], bounds.high[2] - bounds.low[2]) + 20);
  return (
    <group position={[x, 0, z]} rotation={[-Math.PI / 2, 0, 0]}>
      <mesh position={[0, 0, -0.05]}>
        <circleGeometry args={[radius, 64]} />
        <meshBasicMaterial color={palette.ground} />
      </mesh>
      {shaded && (
        <mesh receiveShadow>
          <circleGeometry args={[radius, 64]} />
          <shadowMaterial opacity={0.32} />
        </mesh>
      )}
    </group>
  );
});

/** Beams under the rows, or the axes of trackers. */
export const Rows = memo(function Rows({ layout, palette }: Fixture) {
  const mesh = useRef<InstancedMesh>(null);
  const rows = useMemo(() => (layout.buildings.length > 0 ? [] : layout.rows), [layout]);
  useLayoutEffect(() => {
    if (mesh.current === null) return;
    const body = new Object3D();
    rows.forEach(({ center: [x, y, z], direction: [u, v, w], length }, i) => {
      body.position.set(x, y - 0.12, z);
      body.lookAt(x + u, y - 0.12 + v, z + w);
      body.scale.set(0.12, 0.12, length);
      body.updateMatrix();
      mesh.current?.setMatrixAt(i, body.matrix);
      // Two posts, each a fifth of the way in.
      for (const side of [-1, 1]) {
        const at = (side * 3 * length) / 10;
        body.position.set(x + u * at, (y + v * at) / 2 - 0.06, z + w * at);
        body.rotation.set(0, 0, 0);
        body.scale.set(0.12, Math.max(0.1, y + v * at - 0.12), 0.12);
        body.updateMatrix();
        mesh.current?.setMatrixAt(rows.length + 2 * i + (side + 1) / 2, body.matrix);
      }
    });
    mesh.current.instanceMatrix.needsUpdate = true;
    mesh.current.computeBoundingSphere();
  }, [rows]);
  if (rows.length === 0) return null;
  return (
    <instancedMesh ref={mesh} args={[undefined, undefined, 3 * rows.length]} castShadow>
      <boxGeometry />
      <meshLambertMaterial color={palette.line} />
    </instancedMesh>
  );
});

/** What arrays on roofs lie on. */
export const Buildings = memo(function Buildings({ layout, palette }: Fixture) {
  return layout.buildings.map((building) => <House key={building.eaves[0].join()} {...{ building, palette }} />);
});

function House({ building, palette }: { readonly building: Building; readonly palette: Palette }) {
  const geometry = useMemo(() => {
    const shape = new BufferGeometry();
    shape.setAttribute('position', new Float32BufferAttribute(facesOf(building).flat(), 3));
    shape.computeVertexNormals();
    return shape;
  }, [building]);
  return (
    <mesh geometry={geometry} castShadow receiveShadow>
      <meshLambertMaterial color={palette.wall} side={DoubleSide} />
    </mesh>
  );
}

/** The faces of a building, as triangles. */
function facesOf({ eaves: [a, b, c, d], ridge }: Building): Vec3[] {
  const foot = ([x, , z]: Vec3): Vec3 => [x, 0, z];
  const four = (p: Vec3, q: Vec3, r: Vec3, s: Vec3) => [p, q, r, p, r, s];
  const wall = (p: Vec3, q: Vec3) => four(p, q, foot(q), foot(p));
  const roof =
    ridge === undefined
      ? four(a, b, c, d)
      : [...four(a, b, ridge[1], ridge[0]), ...four(d, c, ridge[1], ridge[0]), a, d, ridge[0], b, c, ridge[1]];
  return [...roof, ...wall(a, b), ...wall(b, c), ...wall(c, d), ...wall(d, a)];
}

/** Inverters and the battery. */
export function Cabinets({ layout, colours, onChoose, quality }: SceneView) {
  const invalidate = useThree((state) => state.invalidate);
  // biome-ignore lint/correctness/useExhaustiveDependencies: new colours want a new picture.
  useLayoutEffect(() => invalidate(), [colours, invalidate]);
  const choose = (id: string) => (event: ThreeEvent<MouseEvent>) => {
    if (event.delta > 4) return;
    event.stopPropagation();
    onChoose(id);
  };
  return layout.components.map(({ id, center, size }) => {
    if (size === undefined) return null;
    const colour = new Color().setRGB(...(colours.get(id) ?? NO_VALUE), 'srgb');
    return (
      // biome-ignore lint/a11y/noStaticElementInteractions: what the mouse does here, keys do on the list of parts.
      <mesh key={id} position={new Vector3(...center)} castShadow={quality !== 'low'} onClick={choose(id)}>
        <boxGeometry args={[...size]} />
        <meshLambertMaterial color={colour} />
      </mesh>
    );
  });
}
