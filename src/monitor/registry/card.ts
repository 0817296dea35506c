import type { DataFingerprint } from './fingerprint.js';

/** What a person should know of a model before trusting it (Mitchell et al. 2019), as JSON. */
export interface ModelCard {
  readonly name: string;
  readonly version: number;
  /** What kind of model: `AnomalyDetector`, `RULPredictor`. */
  readonly kind: string;
  /** What it is for, in a sentence or two. */
  readonly purpose: string;
  /** When it was made, ms since the epoch. */
  readonly made: number;
  readonly data: DataFingerprint | null;
  /** Where the data come from, for people: `made up by the twin of plant home`. */
  readonly source: string | null;
  /** Figures of merit by name, with how they were measured in `measured`. */
  readonly metrics: Readonly<Record<string, number>>;
  readonly measured: string | null;
  /** What it cannot do. */
  readonly limits: readonly string[];
  readonly options: Readonly<Record<string, unknown>>;
}

/** A model card in Markdown. */
export function cardToMarkdown(card: ModelCard): string {
  const { name, version, kind, purpose, made, data, source, metrics, measured, limits, options } = card;
  const lines = [`# ${name}, version ${version}`, '', purpose, ''];
  lines.push('| | |', '|---|---|');
  const row = (label: string, text: string) => lines.push(`| ${label} | ${text.replace(/\|/g, '\\|')} |`);
  row('kind', kind);
  row('made', new Date(made).toISOString());
  if (source !== null) row('data', source);
  if (data !== null) {
    const day = (time: number | null) => (time === null ? '—' : new Date(time).toISOString().slice(0, 10));
    row('rows', `${data.rows}, ${day(data.from)} to ${day(data.to)}`);
    row('fingerprint', `\`${data.hash}\``);
  }
  if (Object.keys(metrics).length > 0) {
    lines.push('', '## How good it is', '');
    if (measured !== null) lines.push(measured, '');
    lines.push('| figure | value |', '|---|---|');
    for (const [key, value] of Object.entries(metrics)) row(key, String(Number(value.toPrecision(4))));
  }
  if (limits.length > 0) lines.push('', '## What it cannot do', '', ...limits.map((limit) => `- ${limit}`));
  if (data !== null && Object.keys(data.columns).length > 0) {
    lines.push('', '## What it saw', '', '| channel | unit | mean | deviation | missing |', '|---|---|---|---|---|');
    const figure = (value: number | null) => (value === null ? '—' : String(Number(value.toPrecision(4))));
    for (const [channel, { unit, mean, deviation, missing }] of Object.entries(data.columns)) {
      lines.push(`| ${channel} | ${unit} | ${figure(mean)} | ${figure(deviation)} | ${(100 * missing).toFixed(1)} % |`);
    }
  }
  if (Object.keys(options).length > 0) {
    lines.push('', '## Options', '', '```json', JSON.stringify(options, null, 2), '```');
  }
  return `${lines.join('\n')}\n`;
}
