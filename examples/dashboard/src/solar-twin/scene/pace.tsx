import { useFrame } from '@react-three/fiber';
import { useRef } from 'react';
import { nextQuality, WINDOW } from '../quality.js';
import type { SceneView } from '../view.js';

/** Watches how long frames take while they follow each other, and draws less where they are slow. */
export function Pace({ playing, quality, onQuality }: SceneView) {
  const times = useRef<number[]>([]);
  useFrame((_, passes) => {
    if (!playing) {
      times.current = [];
      return;
    }
    times.current.push(1000 * passes);
    if (times.current.length < WINDOW) return;
    const next = nextQuality(quality, times.current);
    times.current = [];
    if (next !== quality) onQuality(next);
  });
  return null;
}
