import type { Matrix } from '../matrix.js';
import { type DetectorEngine, rowOf } from './engine.js';
import type { Contribution } from './explanation.js';
import type { FeatureBuilder } from './features.js';
import { tagsOf } from './judge.js';
import type { ResolvedOptions } from './options.js';
import type { Scaler } from './scaler.js';

/** Normal rows that together say what a channel should read. */
const neighbours = 5;

/** What of a fitted detector an explanation needs. */
export interface Explainable {
  readonly builder: FeatureBuilder;
  readonly units: readonly string[];
  readonly scaler: Scaler;
  readonly engine: DetectorEngine;
  readonly references: Matrix;
}

/** Each channel's share in the scaled row's score, most telling first. */
export function explainRow(fitted: Explainable, scaled: Float64Array, options: ResolvedOptions): Contribution[] {
  const { builder, scaler, engine, references, units } = fitted;
  const filled = scaled.map((x) => (Number.isNaN(x) ? 0 : x));
  const parts = new Float64Array(scaled.length);
  if (engine.contributionsInto !== undefined) engine.contributionsInto(scaled, parts);
  else substitute(engine, filled, nearestNormal(references, filled, parts), parts, options);
  const normal = nearestNormal(references, filled, parts);
  const shares = new Float64Array(builder.channels.length);
  let total = 0;
  parts.forEach((part, f) => {
    const channel = builder.origins[f] as number;
    if (channel < 0 || !(part > 0)) return;
    shares[channel] = (shares[channel] as number) + part;
    total += part;
  });
  const contributions = builder.channels.map((channel, c): Contribution => {
    // The channel's own value where it is a feature, else its first derived feature.
    const f = Math.max(0, builder.origins.indexOf(c));
    const x = scaled[f] as number;
    return {
      channel,
      share: total > 0 ? (shares[c] as number) / total : 0,
      value: Number.isNaN(x) ? undefined : scaler.restoreValue(f, x),
      normal: scaler.restoreValue(f, normal[f] as number),
      unit: units[c] as string,
    };
  });
  return contributions.sort((a, b) => b.share - a.share);
}

/** How much the score falls when a column reads what it normally would. */
function substitute(
  engine: DetectorEngine,
  row: Float64Array,
  normal: Float64Array,
  out: Float64Array,
  options: ResolvedOptions,
): void {
  const { sequential, online } = tagsOf(options);
  if (sequential || online) {
    // Asking such an engine would move its state on: the plain distance has to do.
    for (let j = 0; j < row.length; j++) out[j] = ((row[j] as number) - (normal[j] as number)) ** 2;
    return;
  }
  const score = engine.step(row);
  const changed = row.slice();
  for (let j = 0; j < row.length; j++) {
    changed[j] = normal[j] as number;
    out[j] = Math.max(0, score - engine.step(changed));
    changed[j] = row[j] as number;
  }
}

/**
 * What each column reads in the normal rows that are nearest to `row`, where columns count the less the more they tell:
 * the question is what the conspicuous ones would read if all was well.
 */
function nearestNormal(references: Matrix, row: Float64Array, parts: Float64Array): Float64Array {
  let largest = 0;
  for (const part of parts) if (part > largest) largest = part;
  const weights = parts.map((part) => (largest > 0 ? (1 - Math.max(0, part) / largest) ** 2 + 1e-6 : 1));
  const best: { index: number; distance: number }[] = [];
  for (let i = 0; i < references.rows; i++) {
    const reference = rowOf(references, i);
    let distance = 0;
    for (let j = 0; j < row.length; j++) {
      // Held, so that one wild column does not decide which rows are near in the others.
      const difference = Math.min(10, Math.abs((row[j] as number) - (reference[j] as number)));
      distance += (weights[j] as number) * difference * difference;
    }
    if (best.length < neighbours || distance < (best[best.length - 1] as { distance: number }).distance) {
      best.push({ index: i, distance });
      best.sort((a, b) => a.distance - b.distance);
      if (best.length > neighbours) best.pop();
    }
  }
  const normal = new Float64Array(row.length);
  for (const { index } of best) {
    const reference = rowOf(references, index);
    for (let j = 0; j < row.length; j++) normal[j] = (normal[j] as number) + (reference[j] as number) / best.length;
  }
  return normal;
}
