import { useThree } from '@react-three/fiber';
import { useLayoutEffect, useMemo, useRef } from 'react';
import { BufferGeometry, type DirectionalLight, Line, LineBasicMaterial, Vector3 } from 'three';
import { settings } from '../quality.js';
import type { Palette } from '../scene.js';
import type { SceneView } from '../view.js';

/** Of light from all sides and from the sun: together about 1 on what faces the sun, so that colours stay those of the legend. */
const SKY = 0.74 * Math.PI;
const SUN = 0.42 * Math.PI;

/** Light from where the sun stands, its disc, and its way of the day. */
export function SunLight({
  layout: { bounds },
  sun,
  path,
  quality,
  palette,
}: SceneView & { readonly palette: Palette }) {
  const light = useRef<DirectionalLight>(null);
  const invalidate = useThree((state) => state.invalidate);
  const [middle, radius] = useMemo(() => {
    const low = new Vector3(...bounds.low);
    const high = new Vector3(...bounds.high);
    return [low.clone().add(high).multiplyScalar(0.5).setY(0), high.distanceTo(low) / 2 + 3] as const;
  }, [bounds]);
  const far = 2.2 * radius + 15;
  const arc = useMemo(() => {
    const points = path.map(([x, y, z]) => new Vector3(x, y, z).multiplyScalar(far).add(middle));
    const look = new LineBasicMaterial({ color: palette.sun, transparent: true, opacity: 0.5 });
    return new Line(new BufferGeometry().setFromPoints(points), look);
  }, [path, far, middle, palette.sun]);
  const { shadow } = settings[quality];
  const up = sun.elevation > 0;
  const at = new Vector3(...sun.direction).multiplyScalar(far).add(middle);

  // biome-ignore lint/correctness/useExhaustiveDependencies: what is drawn changes with them.
  useLayoutEffect(() => {
    if (light.current !== null) {
      light.current.target.position.copy(middle);
      light.current.target.updateMatrixWorld();
      light.current.shadow.camera.updateProjectionMatrix();
    }
    invalidate();
  }, [sun, middle, radius, shadow, path, invalidate]);

  return (
    <>
      <ambientLight intensity={SKY} />
      <directionalLight
        // A map of another size is a map of another light.
        key={shadow}
        ref={light}
        position={at}
        intensity={up ? SUN * Math.min(1, 0.3 + sun.elevation / 20) : 0}
        castShadow={shadow > 0 && up}
        shadow-mapSize={[shadow || 16, shadow || 16]}
        shadow-camera-left={-radius}
        shadow-camera-right={radius}
        shadow-camera-top={radius}
        shadow-camera-bottom={-radius}
        shadow-camera-near={1}
        shadow-camera-far={far + 2 * radius}
        shadow-normalBias={0.06}
        shadow-bias={-0.0005}
      />
      {up && (
        <mesh position={at}>
          <sphereGeometry args={[0.03 * far, 24, 16]} />
          <meshBasicMaterial color={palette.sun} />
        </mesh>
      )}
      <primitive object={arc} />
    </>
  );
}
