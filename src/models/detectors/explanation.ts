/** One channel's part in a row's score. */
export interface Contribution {
  readonly channel: string;
  /** Share of the score, 0…1; the shares of a row add up to 1, or are all 0. */
  readonly share: number;
  /** What was measured; undefined if nothing was. */
  readonly value: number | undefined;
  /** What the channel reads in the most similar normal rows. */
  readonly normal: number;
  readonly unit: string;
}

/** Why a row is unusual. `String(explanation)` is a sentence. */
export class Explanation {
  readonly score: number;
  readonly pValue: number;
  readonly anomalous: boolean;
  /** Most telling channel first. */
  readonly contributions: readonly Contribution[];

  constructor(score: number, pValue: number, anomalous: boolean, contributions: readonly Contribution[]) {
    this.score = score;
    this.pValue = pValue;
    this.anomalous = anomalous;
    this.contributions = contributions;
  }

  /** `voltage is 14 % below normal (344 V, normally 400 V)`. Names at most two channels. */
  toString(): string {
    const telling = this.contributions.filter(({ share }, i) => i < 2 && share > (i === 0 ? 0 : 0.25));
    if (telling.length === 0) return 'Nothing unusual.';
    const text = telling.map(describe).join(', and ');
    return this.anomalous ? text : `Within the ordinary; most telling: ${text}`;
  }
}

function describe({ channel, value, normal, unit }: Contribution): string {
  const suffix = unit === '1' || unit === '' ? '' : ` ${unit}`;
  if (value === undefined) return `${channel} was not measured (normally ${short(normal)}${suffix})`;
  const bracket = `(${short(value)}${suffix}, normally ${short(normal)}${suffix})`;
  const difference = value - normal;
  if (difference === 0) return `${channel} is unusual together with the others ${bracket}`;
  const side = difference > 0 ? 'above' : 'below';
  const percent = Math.abs(difference / normal) * 100;
  // A share of a value near zero, or of a temperature in °C, says nothing.
  if (unit === '°C' || !Number.isFinite(percent) || percent > 1000) {
    return `${channel} is ${short(Math.abs(difference))}${suffix} ${side} normal ${bracket}`;
  }
  return `${channel} is ${percent < 1 ? percent.toFixed(1) : Math.round(percent)} % ${side} normal ${bracket}`;
}

function short(x: number): string {
  return Number.isFinite(x) ? String(Number(x.toPrecision(3))) : String(x);
}
