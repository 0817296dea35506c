import { type ThreeEvent, useThree } from '@react-three/fiber';
import { useLayoutEffect, useMemo } from 'react';
import { BufferAttribute, BufferGeometry, Color, DoubleSide, Sphere, Vector3 } from 'three';
import { MODULE } from '../layout.js';
import { NO_VALUE } from '../ramp.js';
import type { Basis } from '../vector.js';
import type { SceneView } from '../view.js';

const CORNERS = [
  [-0.5, -0.5],
  [0.5, -0.5],
  [0.5, 0.5],
  [-0.5, 0.5],
] as const;

/**
 * The modules of one array as sheets in a single body, for processors that draw: they take instances one by one, which for
 * 5,000 modules is some ten times as slow as this, while a graphics card is at its best with instances.
 */
export function Sheets({
  view: { layout, plant, colours, onChoose },
  array,
  basis,
}: {
  readonly view: SceneView;
  readonly array: number;
  readonly basis: Basis;
}) {
  const invalidate = useThree((state) => state.invalidate);
  const first = layout.starts[array] ?? 0;
  const count = (layout.starts[array + 1] ?? first) - first;
  const geometry = useMemo(() => bodyOf(layout.positions, first, count), [layout, first, count]);

  useLayoutEffect(() => {
    const places = geometry.getAttribute('position');
    const out = places.array;
    const [row, , across] = basis;
    // The same four corners for each module, about its middle.
    const corners = CORNERS.flatMap(([u, v]) =>
      [0, 1, 2].map((axis) => u * MODULE.width * (row[axis] ?? 0) + v * MODULE.length * (across[axis] ?? 0)),
    );
    for (let i = 0; i < count; i++) {
      const middle = 3 * (first + i);
      for (let c = 0; c < 12; c++) out[12 * i + c] = (layout.positions[middle + (c % 3)] ?? 0) + (corners[c] ?? 0);
    }
    places.needsUpdate = true;
    invalidate();
  }, [geometry, layout, first, count, basis, invalidate]);

  useLayoutEffect(() => {
    const paint = geometry.getAttribute('color');
    const colour = new Color();
    for (let i = 0; i < count; i++) {
      const string = plant.strings[layout.stringOf[first + i] ?? 0];
      colour.setRGB(...(colours.get(string?.id ?? '') ?? NO_VALUE), 'srgb');
      for (let c = 0; c < 4; c++) colour.toArray(paint.array, 12 * i + 3 * c);
    }
    paint.needsUpdate = true;
    invalidate();
  }, [geometry, layout, plant, first, count, colours, invalidate]);

  const choose = (event: ThreeEvent<MouseEvent>) => {
    // The end of a turn of the camera is no choice.
    if (event.delta > 4 || event.faceIndex == null) return;
    event.stopPropagation();
    onChoose(plant.strings[layout.stringOf[first + Math.floor(event.faceIndex / 2)] ?? 0]?.id);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: what the mouse does here, keys do on the list of parts.
    <mesh geometry={geometry} frustumCulled={false} onClick={choose}>
      <meshBasicMaterial vertexColors side={DoubleSide} />
    </mesh>
  );
}

/** Room for `count` sheets of four corners and two triangles each. */
function bodyOf(positions: Float32Array, first: number, count: number): BufferGeometry {
  const body = new BufferGeometry();
  body.setAttribute('position', new BufferAttribute(new Float32Array(12 * count), 3));
  body.setAttribute('color', new BufferAttribute(new Float32Array(12 * count), 3));
  const index = new Uint32Array(6 * count);
  for (let i = 0; i < count; i++)
    index.set(
      [0, 1, 2, 0, 2, 3].map((corner) => 4 * i + corner),
      6 * i,
    );
  body.setIndex(new BufferAttribute(index, 1));
  // Sheets turn in their places: the sphere that holds them, which picking asks for, is that of their middles and a little more.
  const sphere = new Sphere();
  sphere.setFromPoints(Array.from({ length: count }, (_, i) => new Vector3().fromArray(positions, 3 * (first + i))));
  sphere.radius += MODULE.length;
  body.boundingSphere = sphere;
  return body;
}
