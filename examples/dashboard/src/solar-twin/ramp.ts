/** Stops of viridis (S. van der Walt, N. Smith, 2015): even steps of lightness, and told apart by all kinds of colour vision. */
const STOPS = [
  0x440154, 0x482878, 0x3e4989, 0x31688e, 0x26828e, 0x1f9e89, 0x35b779, 0x6ece58, 0xb5de2b, 0xfde725,
] as const;

/** Where there is no value. */
export const NO_VALUE: Rgb = [0.45, 0.49, 0.54];

/** Red, green, blue in sRGB, 0 to 1. */
export type Rgb = readonly [r: number, g: number, b: number];

const part = (colour: number, shift: number) => ((colour >> shift) & 255) / 255;

/** The colour of a share of the scale, 0 to 1; beyond it that of its end, and grey for NaN. */
export function ramp(share: number): Rgb {
  if (Number.isNaN(share)) return NO_VALUE;
  const place = Math.min(1, Math.max(0, share)) * (STOPS.length - 1);
  const first = Math.min(STOPS.length - 2, Math.floor(place));
  const [from, to] = [STOPS[first] ?? 0, STOPS[first + 1] ?? 0];
  const mix = (shift: number) => part(from, shift) + (place - first) * (part(to, shift) - part(from, shift));
  return [mix(16), mix(8), mix(0)];
}

/** The same as CSS writes it. */
export function css([r, g, b]: Rgb): string {
  return `rgb(${Math.round(255 * r)} ${Math.round(255 * g)} ${Math.round(255 * b)})`;
}

/** The whole ramp as a CSS gradient, from left to right. */
export const gradient = `linear-gradient(to right, ${STOPS.map((_, i) => css(ramp(i / (STOPS.length - 1)))).join(', ')})`;
