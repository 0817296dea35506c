import { useFrame, useThree } from '@react-three/fiber';
import { type RefObject, useLayoutEffect, useMemo } from 'react';
import { Vector3 } from 'three';
import { withoutOverlap } from '../labels.js';
import type { SceneView } from '../view.js';

/** Names over the picture: of what is chosen, of what has a trouble, of inverters and battery; none covers another. */
export function Labels({
  view: { layout, placed, chosen, nameOf, north },
  holder,
}: {
  readonly view: SceneView;
  readonly holder: RefObject<HTMLDivElement | null>;
}) {
  const { camera, size, invalidate } = useThree();
  const labels = useMemo(() => {
    const rank = (id: string) => (id === chosen ? 0 : placed.at.has(id) ? 1 : 2);
    const parts = layout.components
      .filter(({ id, kind }) => kind !== 'string' || rank(id) < 2)
      .sort((a, b) => rank(a.id) - rank(b.id))
      .map(({ id, center: [x, y, z], size: box }) => ({
        text: nameOf(id),
        at: new Vector3(x, y + (box === undefined ? 0.4 : box[1] / 2 + 0.2), z),
        state: placed.at.get(id)?.[0]?.state,
      }));
    const { low, high } = layout.bounds;
    const pole = new Vector3((low[0] + high[0]) / 2, 0, low[2] - 2);
    return [...parts, { text: north, at: pole, state: undefined }];
  }, [layout, placed, chosen, nameOf, north]);

  const elements = useMemo(
    () =>
      labels.map(({ text, state }) => {
        const element = document.createElement('span');
        element.className = 'twin-label';
        element.textContent = text;
        if (state !== undefined) element.dataset.state = state;
        return element;
      }),
    [labels],
  );
  useLayoutEffect(() => {
    holder.current?.replaceChildren(...elements);
    invalidate();
  }, [elements, holder, invalidate]);

  const at = useMemo(() => new Vector3(), []);
  useFrame(() => {
    // The picture is drawn after this, and only then would the camera be where it was put.
    camera.updateMatrixWorld();
    const wishes = labels.map((label, i) => {
      at.copy(label.at).project(camera);
      if (at.z > 1) return undefined;
      const width = 7 * label.text.length + 12;
      const x = Math.round(((at.x + 1) / 2) * size.width - width / 2);
      const y = Math.round(((1 - at.y) / 2) * size.height - 24);
      const element = elements[i];
      if (element !== undefined) element.style.transform = `translate(${x}px, ${y}px)`;
      return { x, y, width, height: 20 };
    });
    withoutOverlap(wishes).forEach((shown, i) => {
      const element = elements[i];
      if (element !== undefined) element.style.visibility = shown ? 'visible' : 'hidden';
    });
  });
  return null;
}
