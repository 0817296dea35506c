import type { Placed } from './faults.js';
import type { Layout } from './layout.js';
import type { PlantShape } from './plant-shape.js';
import type { Quality } from './quality.js';
import type { Rgb } from './ramp.js';
import type { Sun } from './sun.js';
import type { Basis, Vec3 } from './vector.js';

/** What both pictures show, in space and from above. */
export interface View {
  readonly plant: PlantShape;
  readonly layout: Layout;
  readonly sun: Sun;
  /** The sun's way of the day. */
  readonly path: readonly Vec3[];
  /** How the modules of each array lie. */
  readonly bases: readonly Basis[];
  /** By component. */
  readonly colours: ReadonlyMap<string, Rgb>;
  readonly placed: Placed;
  /** Id of the chosen component. */
  readonly chosen: string | undefined;
  readonly onChoose: (id: string | undefined) => void;
  readonly nameOf: (id: string) => string;
  readonly north: string;
}

/** What the picture in space needs beside that. */
export interface SceneView extends View {
  readonly quality: Quality;
  readonly onQuality: (quality: Quality) => void;
  /** Whether frames follow each other, so that their times can be judged. */
  readonly playing: boolean;
  readonly onLost: () => void;
}
