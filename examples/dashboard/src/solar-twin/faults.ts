import type { Component } from './layout.js';
import type { PlantShape } from './plant-shape.js';

/** Something that is wrong, with the channel or component it was seen at. */
export interface Trouble {
  readonly title: string;
  readonly at: string | null;
  readonly state: 'critical' | 'high' | 'medium' | 'low';
}

/** What is wrong, by where it is. */
export interface Placed {
  /** By the component's id, the worst first. */
  readonly at: ReadonlyMap<string, readonly Trouble[]>;
  /** What is not at one place: of the plant as a whole. */
  readonly whole: readonly Trouble[];
}

const ORDER = ['critical', 'high', 'medium', 'low'];

/** The components that the name of a channel, a component or a fault speaks of: of an array, all its strings. */
export function componentsOf(name: string | null, plant: PlantShape, components: readonly Component[]): string[] {
  const [id = ''] = (name ?? '').split('.');
  if (components.some((component) => component.id === id)) return [id];
  if (id.startsWith('battery')) return components.some((component) => component.id === 'battery') ? ['battery'] : [];
  if (id.startsWith('inverter') && plant.inverters.length === 1) return plant.inverters.map((inverter) => inverter.id);
  const array = plant.arrays.findIndex((one) => one.id === id);
  return array < 0 ? [] : components.filter((component) => component.array === array).map((component) => component.id);
}

/** Puts each trouble where it is. */
export function place(troubles: readonly Trouble[], plant: PlantShape, components: readonly Component[]): Placed {
  const at = new Map<string, Trouble[]>();
  const whole: Trouble[] = [];
  const sorted = [...troubles].sort((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state));
  for (const trouble of sorted) {
    const ids = componentsOf(trouble.at, plant, components);
    if (ids.length === 0) whole.push(trouble);
    for (const id of ids) at.set(id, [...(at.get(id) ?? []), trouble]);
  }
  return { at, whole };
}
