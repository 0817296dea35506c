import { type ThreeEvent, useThree } from '@react-three/fiber';
import { useLayoutEffect, useMemo, useRef } from 'react';
import { BoxGeometry, Color, type InstancedMesh } from 'three';
import { MODULE } from '../layout.js';
import { NO_VALUE } from '../ramp.js';
import type { Basis } from '../vector.js';
import type { SceneView } from '../view.js';

/** The modules of one array: one draw call, however many there are. */
export function Modules({
  view: { layout, plant, colours, onChoose },
  array,
  basis,
}: {
  readonly view: SceneView;
  readonly array: number;
  readonly basis: Basis;
}) {
  const mesh = useRef<InstancedMesh>(null);
  const invalidate = useThree((state) => state.invalidate);
  const first = layout.starts[array] ?? 0;
  const count = (layout.starts[array + 1] ?? first) - first;
  const geometry = useMemo(() => new BoxGeometry(MODULE.width, MODULE.thickness, MODULE.length), []);

  useLayoutEffect(() => {
    if (mesh.current === null) return;
    turn(mesh.current, layout.positions, first, count, basis);
    mesh.current.instanceMatrix.needsUpdate = true;
    // Modules turn in their places: the sphere that holds them, which picking asks for, hardly changes.
    if (mesh.current.boundingSphere === null) mesh.current.computeBoundingSphere();
    invalidate();
  }, [layout, first, count, basis, invalidate]);

  useLayoutEffect(() => {
    if (mesh.current === null) return;
    const colour = new Color();
    for (let i = 0; i < count; i++) {
      const string = plant.strings[layout.stringOf[first + i] ?? 0];
      mesh.current.setColorAt(i, colour.setRGB(...(colours.get(string?.id ?? '') ?? NO_VALUE), 'srgb'));
    }
    if (mesh.current.instanceColor !== null) mesh.current.instanceColor.needsUpdate = true;
    invalidate();
  }, [layout, plant, first, count, colours, invalidate]);

  const choose = (event: ThreeEvent<MouseEvent>) => {
    // The end of a turn of the camera is no choice.
    if (event.delta > 4 || event.instanceId === undefined) return;
    event.stopPropagation();
    onChoose(plant.strings[layout.stringOf[first + event.instanceId] ?? 0]?.id);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: what the mouse does here, keys do on the list of parts.
    <instancedMesh
      ref={mesh}
      args={[geometry, undefined, count]}
      castShadow
      receiveShadow
      frustumCulled={false}
      onClick={choose}
    >
      <meshLambertMaterial />
    </instancedMesh>
  );
}

/** Writes where `count` modules from the `first` stand into a mesh: `grown` times as large, `sunk` metres behind. */
export function turn(
  mesh: InstancedMesh,
  positions: Float32Array,
  first: number,
  count: number,
  [x, y, z]: Basis,
  grown: readonly [width: number, length: number] = [1, 1],
  sunk = 0,
): void {
  const [u, v] = grown;
  const out = mesh.instanceMatrix.array;
  // Column by column, as the graphics card reads it: along, normal, across, place.
  const turned = [x[0] * u, x[1] * u, x[2] * u, 0, y[0], y[1], y[2], 0, z[0] * v, z[1] * v, z[2] * v, 0];
  for (let i = 0; i < count; i++) {
    out.set(turned, 16 * i);
    for (let axis = 0; axis < 3; axis++)
      out[16 * i + 12 + axis] = (positions[3 * (first + i) + axis] ?? 0) - sunk * (y[axis] ?? 0);
    out[16 * i + 15] = 1;
  }
}
