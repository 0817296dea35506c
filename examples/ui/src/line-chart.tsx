import { useEffect, useId, useMemo, useRef, useState } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { ChartHead } from './chart-head.js';
import { timeAxis } from './time-axis.js';
import { tokenColor } from './token-color.js';
import { ValueTable } from './value-table.js';

/** One line of a chart. */
export interface ChartLine {
  readonly name: string;
  /** Same length as the chart's `time`; NaN is a gap. */
  readonly values: ArrayLike<number>;
  /** A design token, such as `--measured`. */
  readonly color: string;
  /** Expected values are thin and dashed. */
  readonly dashed?: boolean;
}

/** An interval: drawn as a tint between two lines. */
export interface ChartBand {
  readonly name: string;
  readonly low: ArrayLike<number>;
  readonly high: ArrayLike<number>;
  readonly color: string;
  readonly opacity: number;
}

/** A stretch of time that is marked: an anomaly, an event, a night. */
export interface ChartSpan {
  readonly from: number;
  readonly to: number;
  readonly color: string;
  /** Marked on the axis too, so that a short one is seen. */
  readonly mark?: boolean;
}

/** What a `LineChart` shows. */
export interface LineChartProps {
  /** What is seen, in words. */
  readonly title: string;
  /** ms since the epoch, increasing. */
  readonly time: ArrayLike<number>;
  readonly unit: string;
  readonly lines: readonly ChartLine[];
  readonly bands?: readonly ChartBand[];
  readonly spans?: readonly ChartSpan[];
  /** Zone of the plant. */
  readonly timeZone: string;
  /** Height in px. Default 260. */
  readonly height?: number;
  /** Charts with the same name show one crosshair. */
  readonly syncKey?: string;
  /** Whether the axis begins at zero, as power does. Default true. */
  readonly zero?: boolean;
  /** What it says beside the title. Default: English. */
  readonly words?: ChartWords;
}

/** The words of a chart. */
export interface ChartWords {
  readonly table: string;
  readonly time: string;
  /** What a screen reader is told of the drawing. */
  readonly drawn: (title: string) => string;
}

const WORDS: ChartWords = {
  table: 'Table',
  time: 'Time',
  drawn: (title) => `${title}. The table holds the values.`,
};

/** At most this many rows reach the screen. */
const MOST_ROWS = 2000;

/** Rows that keep the least and greatest value of each stretch of every line, so that peaks stay. */
export function rowsToDraw(length: number, lines: readonly ArrayLike<number>[], most = MOST_ROWS): number[] {
  if (length <= most) return Array.from({ length }, (_, i) => i);
  const kept = new Set<number>([0, length - 1]);
  const stretches = Math.max(1, Math.floor(most / (2 * Math.max(1, lines.length))));
  for (const values of lines) {
    for (let s = 0; s < stretches; s++) {
      const from = Math.floor((s * length) / stretches);
      const to = Math.floor(((s + 1) * length) / stretches);
      let least = -1;
      let greatest = -1;
      for (let i = from; i < to; i++) {
        const value = values[i] as number;
        if (Number.isNaN(value)) continue;
        if (least < 0 || value < (values[least] as number)) least = i;
        if (greatest < 0 || value > (values[greatest] as number)) greatest = i;
      }
      if (least >= 0) kept.add(least).add(greatest);
      else if (from < to) kept.add(from);
    }
  }
  return [...kept].sort((a, b) => a - b);
}

/**
 * Lines over time on a canvas, with bands, marked spans, one crosshair for all charts of a page, zoom by dragging (double
 * click shows all), a table for screen readers and copying, and export as PNG and CSV.
 */
export function LineChart(props: LineChartProps) {
  const { title, time, unit, lines, bands = [], spans = [], timeZone, height = 260, syncKey, zero = true } = props;
  const { words = WORDS } = props;
  const holder = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const marked = useRef(spans);
  marked.current = spans;
  const [table, setTable] = useState(false);
  const id = useId();

  const columns = [...lines.map(({ values }) => values), ...bands.flatMap(({ low, high }) => [low, high])];
  const shape = JSON.stringify([
    lines.map(({ name, color, dashed }) => [name, color, dashed]),
    bands.map(({ name, color, opacity }) => [name, color, opacity]),
    unit,
    timeZone,
    height,
    zero,
    syncKey,
  ]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the columns one by one, since their list is new each time.
  const data = useMemo(() => {
    const rows = rowsToDraw(time.length, columns);
    const pick = (values: ArrayLike<number>) =>
      rows.map((i) => (Number.isNaN(values[i] as number) ? null : (values[i] as number)));
    return [rows.map((i) => (time[i] as number) / 1000), ...columns.map(pick)] as uPlot.AlignedData;
  }, [time, ...columns]);
  const newest = useRef(data);
  newest.current = data;
  const drawn = useRef({ lines, bands });
  drawn.current = { lines, bands };

  // biome-ignore lint/correctness/useExhaustiveDependencies: a chart is made anew when its shape changes; data go in below.
  useEffect(() => {
    const element = holder.current;
    if (element === null) return undefined;
    const { lines, bands } = drawn.current;
    const axis = {
      stroke: tokenColor('--text-muted'),
      grid: { stroke: tokenColor('--line'), width: 1 },
      ticks: { show: false },
    };
    const options: uPlot.Options = {
      width: Math.max(200, element.clientWidth),
      height,
      tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), timeZone),
      scales: { y: { range: (_u, low, high) => range(low, high, zero) } },
      axes: [
        { ...axis, values: timeAxis(timeZone) },
        { ...axis, size: 56, label: unit, labelSize: 16, labelFont: '12px system-ui' },
      ],
      series: [
        {},
        ...lines.map(({ name, color, dashed }) => ({
          label: name,
          stroke: tokenColor(color),
          width: dashed ? 1.25 : 2,
          ...(dashed && { dash: [6, 4] }),
          points: { show: false },
        })),
        ...bands.flatMap(({ name }) => [
          { label: `${name}, low`, stroke: 'transparent', points: { show: false } },
          { label: `${name}, high`, stroke: 'transparent', points: { show: false } },
        ]),
      ],
      bands: bands.map(({ color, opacity }, b) => ({
        series: [lines.length + 2 * b + 2, lines.length + 2 * b + 1] as [number, number],
        fill: `color-mix(in srgb, ${tokenColor(color)} ${100 * opacity}%, transparent)`,
      })),
      legend: { show: false },
      cursor: {
        drag: { x: true, y: false },
        ...(syncKey !== undefined && { sync: { key: syncKey } }),
      },
      hooks: { drawClear: [(u: uPlot) => drawSpans(u, marked.current)] },
    };
    const chart = new uPlot(options, newest.current, element);
    plot.current = chart;
    const observer = new ResizeObserver(() => chart.setSize({ width: Math.max(200, element.clientWidth), height }));
    observer.observe(element);
    const scheme = matchMedia('(prefers-color-scheme: dark)');
    const repaint = () => {
      drawn.current.lines.forEach(({ color }, i) => {
        const series = chart.series[i + 1];
        if (series !== undefined) series.stroke = () => tokenColor(color);
      });
      for (const each of chart.axes) each.stroke = () => tokenColor('--text-muted');
      chart.redraw();
    };
    scheme.addEventListener('change', repaint);
    return () => {
      observer.disconnect();
      scheme.removeEventListener('change', repaint);
      chart.destroy();
      plot.current = null;
    };
  }, [shape]);

  useEffect(() => {
    plot.current?.setData(data, false);
    plot.current?.setScale('x', { min: (data[0][0] as number) ?? 0, max: (data[0].at(-1) as number) ?? 1 });
  }, [data]);

  // Marks may come after the lines.
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is drawn follows from them.
  useEffect(() => plot.current?.redraw(false), [spans]);

  return (
    <figure className="line-chart" aria-labelledby={id}>
      <ChartHead {...{ id, title, lines, bands, table }} onTable={setTable} tableWord={words.table}>
        <button type="button" className="link" onClick={() => savePng(plot.current, title)}>
          PNG
        </button>
        <button type="button" className="link" onClick={() => saveCsv(props)}>
          CSV
        </button>
      </ChartHead>
      <div ref={holder} style={{ minHeight: height }} role="img" aria-label={words.drawn(title)} />
      {table && <ValueTable title={`${title}: ${words.table}`} {...tableOf(props)} />}
    </figure>
  );
}

function range(low: number | null, high: number | null, zero: boolean): [number, number] {
  const least = zero ? Math.min(0, low ?? 0) : (low ?? 0);
  const greatest = Math.max(least + 1e-9, high ?? 1);
  const room = 0.06 * (greatest - least);
  return [least < 0 || !zero ? least - room : least, greatest + room];
}

function drawSpans(u: uPlot, spans: readonly ChartSpan[]): void {
  const { ctx, bbox } = u;
  ctx.save();
  for (const { from, to, color, mark } of spans) {
    const left = Math.max(bbox.left, u.valToPos(from / 1000, 'x', true));
    const right = Math.min(bbox.left + bbox.width, u.valToPos(to / 1000, 'x', true));
    if (right <= bbox.left || left >= bbox.left + bbox.width) continue;
    ctx.fillStyle = color.startsWith('--') ? tokenColor(color) : color;
    ctx.globalAlpha = mark ? 0.1 : 1;
    ctx.fillRect(left, bbox.top, Math.max(1, right - left), bbox.height);
    ctx.globalAlpha = 1;
    if (mark) ctx.fillRect(left, bbox.top + bbox.height - 4, Math.max(3, right - left), 4);
  }
  ctx.restore();
}

/** Most rows of the table: a screen reader's patience. */
const TABLE_ROWS = 100;

function tableOf({ time, lines, unit, timeZone, words: { time: clockWord } = WORDS }: LineChartProps) {
  const from = Math.max(0, time.length - TABLE_ROWS);
  const clock = new Intl.DateTimeFormat(undefined, { dateStyle: 'short', timeStyle: 'medium', timeZone });
  return {
    head: [clockWord, ...lines.map(({ name }) => `${name}, ${unit}`)],
    rows: Array.from({ length: time.length - from }, (_, k) => [
      clock.format(time[from + k]),
      ...lines.map(({ values }) => {
        const value = values[from + k] as number;
        return Number.isFinite(value) ? String(Number(value.toPrecision(4))) : '–';
      }),
    ]),
  };
}

function save(name: string, url: string): void {
  const link = document.createElement('a');
  link.download = name;
  link.href = url;
  link.click();
}

const fileName = (title: string) => title.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '-');

function savePng(chart: uPlot | null, title: string): void {
  if (chart !== null) save(`${fileName(title)}.png`, chart.ctx.canvas.toDataURL('image/png'));
}

function saveCsv({ title, time, lines, unit }: LineChartProps): void {
  const quote = (text: string) => `"${text.replaceAll('"', '""')}"`;
  const head = ['time', ...lines.map(({ name }) => quote(`${name} (${unit})`))].join(',');
  const rows = Array.from({ length: time.length }, (_, i) =>
    [
      new Date(time[i] as number).toISOString(),
      ...lines.map(({ values }) => (Number.isFinite(values[i]) ? values[i] : '')),
    ].join(','),
  );
  const url = URL.createObjectURL(new Blob([`${[head, ...rows].join('\n')}\n`], { type: 'text/csv' }));
  save(`${fileName(title)}.csv`, url);
  // The download has its own hold on the blob once it has begun.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
