/** How much is drawn, the least first. */
export const qualities = ['low', 'medium', 'high'] as const;
export type Quality = (typeof qualities)[number];

/** What each quality is made of. `pixels`: greatest pixel ratio. `shadow`: side of the shadow map, 0 is none. */
export const settings: Readonly<Record<Quality, { readonly pixels: number; readonly shadow: number }>> = {
  low: { pixels: 0.5, shadow: 0 },
  medium: { pixels: 1, shadow: 1024 },
  high: { pixels: 2, shadow: 2048 },
};

/** Frames that are looked at before a judgement. */
export const WINDOW = 24;
/** Slower than this on the median is too slow: 30 frames a second, ms. */
const SLOW = 1000 / 30;

/** The quality to go on with after frames that took `times` ms each: one less where they were too slow. */
export function nextQuality(quality: Quality, times: readonly number[]): Quality {
  if (times.length < WINDOW) return quality;
  const sorted = [...times].sort((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)] ?? 0;
  if (median <= SLOW * 1.05) return quality;
  return qualities[Math.max(0, qualities.indexOf(quality) - 1)] ?? quality;
}

/** Renderers that draw on the processor. */
const SOFTWARE = /swiftshader|llvmpipe|softpipe|software|basic render/i;

/** The quality to begin with. */
export function firstQuality(renderer: string, modules: number): Quality {
  if (SOFTWARE.test(renderer)) return modules > 1000 ? 'low' : 'medium';
  return modules > 20_000 ? 'medium' : 'high';
}
