import type { ArrayShape, PlantShape } from './plant-shape.js';
import { orientation, rowDirection } from './sun.js';
import { along, directionOf, RADIANS, type Vec3 } from './vector.js';

/** A usual module of 72 cells, m: the description names none. */
export const MODULE = { width: 1, length: 2, thickness: 0.04 } as const;
const GAP = 0.02;
/** Roofs steeper than this have their modules flat on them, degrees. */
const PITCHED = 18;
const HEIGHT = { ground: 0.6, axis: 1.5, flatRoof: 4, eaves: 3 } as const;
/** Space between arrays, m. */
const SPACE = 6;

/** Something one can choose: a string, an inverter, the battery. */
export interface Component {
  /** As its channels are called: `string3.dc_current` belongs to `string3`. */
  readonly id: string;
  readonly kind: 'string' | 'inverter' | 'battery';
  /** Counted from 1. */
  readonly number: number;
  readonly center: Vec3;
  /** Of the sphere that holds it, m. */
  readonly radius: number;
  /** Index of its array, of a string. */
  readonly array: number | undefined;
  /** Of an inverter or battery, m. */
  readonly size: Vec3 | undefined;
}

/** A row that is one body: a table on posts, or the modules on one axis. */
export interface Row {
  readonly array: number;
  readonly center: Vec3;
  readonly direction: Vec3;
  readonly length: number;
}

/** What an array lies on: four eaves, and a ridge where the roof is pitched. */
export interface Building {
  readonly eaves: readonly [Vec3, Vec3, Vec3, Vec3];
  readonly ridge: readonly [Vec3, Vec3] | undefined;
}

/** A plant in space. */
export interface Layout {
  /** Centres of the modules, three numbers each, metres. */
  readonly positions: Float32Array;
  /** Index of the string of each module. */
  readonly stringOf: Int32Array;
  /** Where the modules of each array begin, and the end of the last. */
  readonly starts: readonly number[];
  readonly rows: readonly Row[];
  readonly components: readonly Component[];
  readonly buildings: readonly Building[];
  readonly bounds: Bounds;
}

/** The space that a plant fills, m. */
export interface Bounds {
  readonly low: Vec3;
  readonly high: Vec3;
}

/** An array laid out about the origin. */
interface Block {
  readonly modules: readonly { readonly at: Vec3; readonly string: number }[];
  readonly rows: readonly Omit<Row, 'array'>[];
  readonly building: Building | undefined;
}

/** Distance of rows so that at noon of midwinter, or with the sun at 12° if it stays lower, none shades the next, m. */
export function rowPitch(tilt: number, latitude: number): number {
  const noon = Math.max(12, 90 - Math.abs(latitude) - 23.44);
  const { length } = MODULE;
  const depth = length * Math.cos(tilt * RADIANS);
  const reach = (length * Math.sin(tilt * RADIANS)) / Math.tan(noon * RADIANS);
  return Math.max(depth + 0.3, Math.min(depth + reach, 4 * length));
}

/** Strings side by side in a row, so that an array is about as deep as it is wide (a roof: twice as wide). */
function stringsInRow(strings: number, length: number, pitch: number, wide: number): number {
  return Math.min(strings, Math.max(1, Math.round(Math.sqrt((wide * strings * pitch) / length))));
}

function blockOf(array: ArrayShape, latitude: number): Block {
  const { tracker, modulesPerString, strings, tilt } = array;
  const onRoof = tracker === undefined && array.u1 === 0;
  const pitched = onRoof && tilt >= PITCHED;
  const step = MODULE.width + GAP;
  const direction = rowDirection(array);
  const [, , across] = orientation(array, 0);
  // From one row to the next: up the slope on a pitched roof, else level.
  const slope: Vec3 = pitched
    ? across
    : directionOf(tracker === undefined ? array.azimuth + 180 : tracker.axisAzimuth + 90);
  let pitch = rowPitch(tilt, latitude);
  if (tracker !== undefined) pitch = MODULE.length / tracker.groundCoverageRatio;
  if (pitched) pitch = MODULE.length + GAP;
  const inRow = stringsInRow(strings.length, modulesPerString * step, pitch, pitched ? 2 : 1);
  const rowCount = Math.ceil(strings.length / inRow);
  const half = (MODULE.length / 2) * Math.sin(tilt * RADIANS);
  const rowLength = inRow * modulesPerString * step;
  let height: number = HEIGHT.ground + half;
  if (tracker !== undefined) height = HEIGHT.axis + (rowLength / 2) * Math.sin(Math.abs(tracker.axisTilt) * RADIANS);
  if (onRoof) height = HEIGHT.flatRoof + 0.15 + half;
  if (pitched) height = HEIGHT.eaves + 0.3 + (rowCount / 2) * pitch * Math.sin(tilt * RADIANS);

  const modules: { at: Vec3; string: number }[] = [];
  const rows: Omit<Row, 'array'>[] = [];
  for (let row = 0; row < rowCount; row++) {
    const own = strings.slice(row * inRow, (row + 1) * inRow);
    const count = own.length * modulesPerString;
    const middle = along([0, height, 0], slope, (row - (rowCount - 1) / 2) * pitch);
    // A last row that is not full begins where the others begin.
    const shift = ((count - inRow * modulesPerString) / 2) * step;
    rows.push({ center: along(middle, direction, shift), direction, length: count * step });
    own.forEach((string, s) => {
      for (let m = 0; m < modulesPerString; m++) {
        const place = (s * modulesPerString + m - (inRow * modulesPerString - 1) / 2) * step;
        modules.push({ at: along(middle, direction, place), string });
      }
    });
  }
  if (!onRoof) return { modules, rows, building: undefined };
  const building = pitched
    ? house(direction, slope, rowLength + 1.2, rowCount * pitch + 0.8, height - 0.12)
    : flatRoof(direction, slope, rowLength + 2, (rowCount - 1) * pitch + MODULE.length + 2);
  return { modules, rows, building };
}

/** A house whose one slope carries the modules; the other is like it. `height` is that of the slope's middle. */
function house(direction: Vec3, slope: Vec3, width: number, depth: number, height: number): Building {
  const [x, , z] = slope;
  const corner = (u: number, v: number) => along(along([0, height, 0], direction, u), slope, v);
  const front = [corner(-width / 2, -depth / 2), corner(width / 2, -depth / 2)] as const;
  const ridge = [corner(-width / 2, depth / 2), corner(width / 2, depth / 2)] as const;
  const behind = (eave: Vec3): Vec3 => [eave[0] + 2 * depth * x, eave[1], eave[2] + 2 * depth * z];
  return { eaves: [front[0], front[1], behind(front[1]), behind(front[0])], ridge };
}

function flatRoof(direction: Vec3, slope: Vec3, width: number, depth: number): Building {
  const corner = (u: number, v: number) =>
    along(along([0, HEIGHT.flatRoof, 0], direction, (u * width) / 2), slope, (v * depth) / 2);
  return { eaves: [corner(-1, -1), corner(1, -1), corner(1, 1), corner(-1, 1)], ridge: undefined };
}

function boundsOf(points: Iterable<Vec3>, margin = 0): Bounds {
  const low = [Infinity, Infinity, Infinity] as [number, number, number];
  const high = [-Infinity, -Infinity, -Infinity] as [number, number, number];
  for (const point of points) {
    point.forEach((value, i) => {
      low[i] = Math.min(low[i] as number, value - margin);
      high[i] = Math.max(high[i] as number, value + margin);
    });
  }
  return { low, high };
}

function* pointsOf({ modules, building }: Block): Iterable<Vec3> {
  for (const { at } of modules) yield at;
  if (building !== undefined) yield* building.eaves;
  if (building?.ridge !== undefined) yield* building.ridge;
}

/** Sides of a cabinet for a power, W: as a real one of that size, roughly. */
function cabinet(watts: number): Vec3 {
  const size = Math.min(3, Math.max(0.7, 0.7 * Math.cbrt(watts / 10_000)));
  return [size, 1.3 * size, 0.6 * size];
}

/**
 * Where everything of a plant stands. A description says how the modules lie and what is on what, not where on the ground:
 * arrays are set side by side, rows as far apart as shade (or the ground coverage of trackers) asks.
 */
export function layOut(plant: PlantShape): Layout {
  const blocks = plant.arrays.map((array) => blockOf(array, plant.site.latitude));
  const boxes = blocks.map((block) => boundsOf(pointsOf(block), MODULE.length / 2));
  const offsets = placeSideBySide(boxes);
  const move = (a: number, [x, y, z]: Vec3): Vec3 => {
    const [dx, dz] = offsets[a] ?? [0, 0];
    return [x + dx, y, z + dz];
  };

  const count = blocks.reduce((sum, { modules }) => sum + modules.length, 0);
  const positions = new Float32Array(3 * count);
  const stringOf = new Int32Array(count);
  const starts = [0];
  const rows: Row[] = [];
  const buildings: Building[] = [];
  const ofString = plant.strings.map((): Vec3[] => []);
  let next = 0;
  blocks.forEach((block, a) => {
    for (const { at, string } of block.modules) {
      const moved = move(a, at);
      positions.set(moved, 3 * next);
      stringOf[next] = string;
      ofString[string]?.push(moved);
      next++;
    }
    starts.push(next);
    for (const row of block.rows) rows.push({ ...row, array: a, center: move(a, row.center) });
    if (block.building !== undefined) {
      const [a0, a1, a2, a3] = block.building.eaves;
      const { ridge } = block.building;
      buildings.push({
        eaves: [move(a, a0), move(a, a1), move(a, a2), move(a, a3)],
        ridge: ridge === undefined ? undefined : [move(a, ridge[0]), move(a, ridge[1])],
      });
    }
  });

  const components = ofString.map((points, i): Component => {
    const { low, high } = boundsOf(points, MODULE.width / 2);
    return {
      id: plant.strings[i]?.id ?? `string${i + 1}`,
      kind: 'string',
      number: i + 1,
      center: middleOf(low, high),
      radius: Math.max(1, distance(low, high) / 2),
      array: plant.strings[i]?.array,
      size: undefined,
    };
  });
  components.push(...cabinets(plant, boxes, offsets));
  const placed = components.map(({ center, radius, size }) => boundsOf([center], size === undefined ? 0 : radius));
  const bounds = boundsOf([
    ...boxes.flatMap(({ low, high }, a) => [move(a, low), move(a, high)]),
    ...placed.flatMap(({ low, high }) => [low, high]),
  ]);
  return { positions, stringOf, starts, rows, components, buildings, bounds };
}

/** Arrays in lines of about the width of the whole, the first to the north-west. */
function placeSideBySide(boxes: readonly Bounds[]): [x: number, z: number][] {
  const area = boxes.reduce((sum, { low, high }) => sum + (high[0] - low[0]) * (high[2] - low[2]), 0);
  const widest = Math.max(...boxes.map(({ low, high }) => high[0] - low[0]));
  const line = Math.max(widest, 1.4 * Math.sqrt(area)) + SPACE;
  let x = 0;
  let z = 0;
  let deepest = 0;
  return boxes.map(({ low, high }) => {
    const width = high[0] - low[0];
    if (x > 0 && x + width > line) {
      x = 0;
      z += deepest + SPACE;
      deepest = 0;
    }
    const offset: [number, number] = [x - low[0], z - low[2]];
    x += width + SPACE;
    deepest = Math.max(deepest, high[2] - low[2]);
    return offset;
  });
}

/** Inverters at the east side of their first array, the battery beside the first of them. */
function cabinets(plant: PlantShape, boxes: readonly Bounds[], offsets: readonly [number, number][]): Component[] {
  const taken = new Map<number, number>();
  const stand = (a: number, size: Vec3): Vec3 => {
    const { low, high } = boxes[a] ?? { low: [0, 0, 0], high: [0, 0, 0] };
    const [dx, dz] = offsets[a] ?? [0, 0];
    const along = taken.get(a) ?? 0;
    taken.set(a, along + size[2] + 1);
    return [high[0] + dx + 0.8 + size[0] / 2, size[1] / 2, (low[2] + high[2]) / 2 + dz + along];
  };
  const made = (id: string, kind: Component['kind'], number: number, a: number, size: Vec3): Component => ({
    id,
    kind,
    number,
    center: stand(a, size),
    radius: distance([0, 0, 0], size) / 2,
    array: undefined,
    size,
  });
  const out = plant.inverters.map(({ id, acRating, arrays }, i) =>
    made(id, 'inverter', i + 1, arrays[0] ?? 0, cabinet(acRating)),
  );
  if (plant.battery !== undefined) {
    // A cell has about 3.3 V; a watt-hour takes as much room as a watt of inverter.
    const energy = 3.3 * plant.battery.capacity * plant.battery.cellsInSeries;
    out.push(made('battery', 'battery', 1, plant.inverters[0]?.arrays[0] ?? 0, cabinet(energy)));
  }
  return out;
}

function middleOf(low: Vec3, high: Vec3): Vec3 {
  return [(low[0] + high[0]) / 2, (low[1] + high[1]) / 2, (low[2] + high[2]) / 2];
}

function distance(a: Vec3, b: Vec3): number {
  return Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
}
