import { linearScale, niceTicks, threeDigits, timeTicks } from './scale.js';

/** A line over the x axis. */
export interface LineSeries {
  readonly name: string;
  readonly x: ArrayLike<number>;
  /** Same length as `x`; NaN leaves a gap. */
  readonly y: ArrayLike<number>;
  /** A CSS colour, or one of the page's tokens: `var(--measured)`. */
  readonly color: string;
  /** Measured is solid, expected thin and dashed. */
  readonly dashed?: boolean;
  readonly width?: number;
  /** Draws points instead of a line. */
  readonly points?: boolean;
}

/** An area between two lines, such as a forecast interval. */
export interface Band {
  readonly name: string;
  readonly x: ArrayLike<number>;
  readonly low: ArrayLike<number>;
  readonly high: ArrayLike<number>;
  readonly color: string;
  readonly opacity?: number;
}

/** A stretch of the x axis, shaded over the full height. */
export interface Span {
  readonly from: number;
  readonly to: number;
  readonly color: string;
  /** Shown on hover. */
  readonly title?: string;
}

/** What a chart shows. */
export interface ChartOptions {
  /** What is seen, in words. */
  readonly title: string;
  readonly yLabel: string;
  readonly xLabel?: string;
  /** With a time zone, x is time in ms since the epoch, shown in that zone; without, x is a plain number. */
  readonly timeZone?: string;
  readonly series?: readonly LineSeries[];
  readonly bands?: readonly Band[];
  readonly spans?: readonly Span[];
  /** Included in the y range whatever the data: power includes 0. */
  readonly include?: readonly number[];
  readonly yRange?: readonly [number, number];
  readonly width?: number;
  readonly height?: number;
}

const MARGIN = { top: 44, right: 16, bottom: 40, left: 64 };

/** At most this many points of a series reach the picture; min and max of each stretch stay, so that peaks stay. */
const MAX_POINTS = 2000;

/**
 * A line chart as one SVG text without scripts or outer styles. It reads the colours `--text`, `--text-muted`, `--line`
 * of the page where they are set, and carries light defaults where they are not.
 */
export function lineChart(options: ChartOptions): string {
  const { title, yLabel, xLabel, timeZone, series = [], bands = [], spans = [], width = 880, height = 320 } = options;
  const xs = extent([...series.map(({ x }) => x), ...bands.map(({ x }) => x)]);
  const ys =
    options.yRange ??
    padded(
      extent([...series.map(({ y }) => y), ...bands.flatMap(({ low, high }) => [low, high]), options.include ?? []]),
    );
  const px = linearScale(xs, [MARGIN.left, width - MARGIN.right]);
  const py = linearScale(ys, [height - MARGIN.bottom, MARGIN.top]);

  const parts: string[] = [];
  for (const { from, to, color, title: hover } of spans) {
    const left = Math.max(px(from), MARGIN.left);
    const right = Math.min(px(to), width - MARGIN.right);
    if (right <= left && to < xs[0]) continue;
    parts.push(
      `<rect x="${fixed(left)}" y="${MARGIN.top}" width="${fixed(Math.max(1.5, right - left))}" height="${height - MARGIN.top - MARGIN.bottom}" fill="${color}">${hover ? `<title>${escapeXml(hover)}</title>` : ''}</rect>`,
    );
  }
  for (const tick of niceTicks(ys[0], ys[1])) {
    const y = fixed(py(tick));
    parts.push(
      `<line x1="${MARGIN.left}" x2="${width - MARGIN.right}" y1="${y}" y2="${y}" stroke="var(--line, #e2e5e9)"/>`,
    );
    parts.push(
      `<text x="${MARGIN.left - 8}" y="${y}" dy="0.32em" text-anchor="end" class="tick">${threeDigits(tick)}</text>`,
    );
  }
  const ticks =
    timeZone === undefined
      ? niceTicks(xs[0], xs[1], 8).map((time) => ({ time, label: threeDigits(time) }))
      : timeTicks(xs[0], xs[1], timeZone);
  for (const { time, label } of ticks) {
    const x = fixed(px(time));
    parts.push(
      `<line x1="${x}" x2="${x}" y1="${height - MARGIN.bottom}" y2="${height - MARGIN.bottom + 4}" stroke="var(--text-muted, #69727d)"/>`,
    );
    parts.push(
      `<text x="${x}" y="${height - MARGIN.bottom + 18}" text-anchor="middle" class="tick">${escapeXml(label)}</text>`,
    );
  }
  for (const band of bands)
    parts.push(`<path d="${bandPath(band, px, py)}" fill="${band.color}" fill-opacity="${band.opacity ?? 0.2}"/>`);
  for (const line of series) parts.push(drawSeries(line, px, py));
  parts.push(legend([...bands.map((band) => ({ ...band, area: true })), ...series], width, title));
  if (xLabel)
    parts.push(
      `<text x="${(MARGIN.left + width - MARGIN.right) / 2}" y="${height - 4}" text-anchor="middle" class="tick">${escapeXml(xLabel)}</text>`,
    );

  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeXml(title)}" font-family="system-ui, sans-serif">
<style>.tick{font-size:12px;fill:var(--text-muted,#69727d)}.chart-title{font-size:14px;font-weight:600;fill:var(--text,#1b1f24)}</style>
<text x="${MARGIN.left}" y="18" class="chart-title">${escapeXml(title)}</text>
<text x="${MARGIN.left - 8}" y="${MARGIN.top - 10}" text-anchor="end" class="tick">${escapeXml(yLabel)}</text>
${parts.join('\n')}
</svg>`;
}

function drawSeries(line: LineSeries, px: (v: number) => number, py: (v: number) => number): string {
  const { x, y } = downSample(line.x, line.y, MAX_POINTS);
  if (line.points) {
    return y
      .map((value, i) =>
        Number.isFinite(value)
          ? `<circle cx="${fixed(px(x[i] as number))}" cy="${fixed(py(value))}" r="${line.width ?? 2.5}" fill="${line.color}"/>`
          : '',
      )
      .join('');
  }
  let path = '';
  let pen = false;
  y.forEach((value, i) => {
    if (Number.isFinite(value)) {
      path += `${pen ? 'L' : 'M'}${fixed(px(x[i] as number))} ${fixed(py(value))}`;
      pen = true;
    } else pen = false;
  });
  return `<path d="${path}" fill="none" stroke="${line.color}" stroke-width="${line.width ?? (line.dashed ? 1.25 : 1.75)}" stroke-linejoin="round"${line.dashed ? ' stroke-dasharray="5 4"' : ''}/>`;
}

function bandPath({ x, low, high }: Band, px: (v: number) => number, py: (v: number) => number): string {
  let path = '';
  for (let start = 0; start < x.length; start++) {
    let end = start;
    while (end < x.length && Number.isFinite(low[end]) && Number.isFinite(high[end])) end++;
    if (end - start < 2) continue;
    const upper: string[] = [];
    const lower: string[] = [];
    for (let i = start; i < end; i++) {
      upper.push(`${fixed(px(x[i] as number))} ${fixed(py(high[i] as number))}`);
      lower.push(`${fixed(px(x[i] as number))} ${fixed(py(low[i] as number))}`);
    }
    path += `M${upper.join('L')}L${lower.reverse().join('L')}Z`;
    start = end;
  }
  return path;
}

function legend(
  entries: readonly { name: string; color: string; dashed?: boolean; area?: boolean; opacity?: number }[],
  width: number,
  title: string,
): string {
  // Beside the title where there is room, else below it.
  const needed = entries.reduce((sum, { name }) => sum + name.length * 6.6 + 40, 0);
  const y = MARGIN.left + title.length * 7.6 + needed < width - MARGIN.right ? 14 : 31;
  let x = width - MARGIN.right;
  const parts: string[] = [];
  for (const { name, color, dashed, area, opacity } of [...entries].reverse()) {
    x -= name.length * 6.6 + 4;
    parts.push(`<text x="${fixed(x)}" y="${y + 4}" class="tick">${escapeXml(name)}</text>`);
    x -= 26;
    parts.push(
      area
        ? `<rect x="${fixed(x)}" y="${y - 5}" width="20" height="10" fill="${color}" fill-opacity="${opacity ?? 0.2}"/>`
        : `<line x1="${fixed(x)}" x2="${fixed(x + 20)}" y1="${y}" y2="${y}" stroke="${color}" stroke-width="2"${dashed ? ' stroke-dasharray="5 4"' : ''}/>`,
    );
    x -= 10;
  }
  return parts.join('');
}

/** Keeps the least and the greatest value of each stretch, and its gaps. */
function downSample(x: ArrayLike<number>, y: ArrayLike<number>, limit: number): { x: number[]; y: number[] } {
  if (x.length <= limit) return { x: Array.from(x), y: Array.from(y) };
  const stretch = Math.ceil((x.length * 2) / limit);
  const out = { x: [] as number[], y: [] as number[] };
  for (let start = 0; start < x.length; start += stretch) {
    let low = -1;
    let high = -1;
    let gap = -1;
    for (let i = start; i < Math.min(start + stretch, x.length); i++) {
      const value = y[i] as number;
      if (!Number.isFinite(value)) gap = i;
      else {
        if (low < 0 || value < (y[low] as number)) low = i;
        if (high < 0 || value > (y[high] as number)) high = i;
      }
    }
    for (const i of [...new Set([low, high, gap])].filter((index) => index >= 0).sort((a, b) => a - b)) {
      out.x.push(x[i] as number);
      out.y.push(y[i] as number);
    }
  }
  return out;
}

function extent(columns: readonly ArrayLike<number>[]): [number, number] {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const column of columns) {
    for (let i = 0; i < column.length; i++) {
      const value = column[i] as number;
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  return low <= high ? [low, high] : [0, 1];
}

function padded([low, high]: [number, number]): [number, number] {
  const room = (high - low || Math.abs(high) || 1) * 0.04;
  return [low === 0 ? 0 : low - room, high === 0 ? 0 : high + room];
}

function fixed(value: number): string {
  return value.toFixed(1).replace(/\.0$/, '');
}

/** Makes any text safe inside SVG and HTML. */
export function escapeXml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
