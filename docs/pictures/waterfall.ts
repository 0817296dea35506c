import { escapeXml, threeDigits } from '../../examples/charts/src/index.js';

/** A bar of a waterfall: a level, or a change on the way to the next. */
export interface Bar {
  readonly name: string;
  readonly value: number;
  readonly kind: 'level' | 'change';
  /** Said below the value. */
  readonly note?: string;
}

const WIDTH = 800;
const HEIGHT = 320;
const MARGIN = { top: 44, right: 16, bottom: 44, left: 16 };
const COLOURS = { level: '#69727d', loss: '#cf222e', gain: '#1a7f37' } as const;

/** A waterfall as SVG: levels stand on the ground `from`, changes hang between them. */
export function waterfall(title: string, bars: readonly Bar[], from = 0): string {
  const tops: number[] = [];
  let level = 0;
  const spans = bars.map(({ value, kind }) => {
    const before = kind === 'level' ? from : level;
    level = kind === 'level' ? value : level + value;
    tops.push(before, level);
    return [Math.min(before, level), Math.max(before, level)] as const;
  });
  const most = Math.max(...tops);
  const y = (value: number) =>
    MARGIN.top + 24 + ((most - value) / (most - from)) * (HEIGHT - MARGIN.top - MARGIN.bottom - 24);
  const step = (WIDTH - MARGIN.left - MARGIN.right) / bars.length;
  const parts = bars.map(({ name, value, kind, note }, i) => {
    const [low, high] = spans[i] as readonly [number, number];
    const x = MARGIN.left + step * (i + 0.15);
    const middle = x + step * 0.35;
    const colour = kind === 'level' ? COLOURS.level : value < 0 ? COLOURS.loss : COLOURS.gain;
    const said = `${kind === 'change' && value > 0 ? '+' : ''}${threeDigits(value)}`.replace('-', '−');
    const text = (at: number, what: string, size = 12) =>
      `<text x="${middle.toFixed(1)}" y="${at.toFixed(1)}" text-anchor="middle" font-size="${size}">${escapeXml(what)}</text>`;
    return [
      `<rect x="${x.toFixed(1)}" y="${y(high).toFixed(1)}" width="${(step * 0.7).toFixed(1)}" height="${Math.max(1, y(low) - y(high)).toFixed(1)}" fill="${colour}"/>`,
      text(y(high) - 6, said),
      text(HEIGHT - MARGIN.bottom + 18, name),
      ...(note === undefined ? [] : [text(HEIGHT - MARGIN.bottom + 34, note, 11)]),
    ].join('');
  });
  const ground =
    from === 0
      ? ''
      : `<text x="${WIDTH - MARGIN.right}" y="24" text-anchor="end" font-size="11" fill="#57606a">bars begin at ${threeDigits(from)}</text>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="system-ui, sans-serif" fill="#24292f"><title>${escapeXml(title)}</title><rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/><text x="${MARGIN.left}" y="24" font-size="14" font-weight="600">${escapeXml(title)}</text>${ground}${parts.join('')}</svg>\n`;
}
