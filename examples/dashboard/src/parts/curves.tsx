import { ChartHead, threeDigits, ValueTable } from '@twinergy-examples/ui';
import type { ReactNode } from 'react';
import { useId, useState } from 'react';
import { Area, CartesianGrid, ComposedChart, Line, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts';
import { useSpeech } from '../i18n/index.js';

/** A value of a row, by the name of its curve. */
export type CurveRow = Readonly<Record<string, string | number | null | readonly [number, number]>>;

/** One curve. */
export interface Curve {
  /** Its field in the rows. */
  readonly field: string;
  readonly name: string;
  /** A design token. */
  readonly color: string;
  readonly dashed?: boolean;
}

/** An interval: its field holds `[low, high]`. */
export interface CurveBand {
  readonly field: string;
  readonly name: string;
  readonly color: string;
  readonly opacity: number;
}

/** What `Curves` shows. */
export interface CurvesProps {
  /** What is seen, in words. */
  readonly title: string;
  readonly rows: readonly CurveRow[];
  /** Field along the axis, and how it is written. */
  readonly x: { readonly field: string; readonly name: string; readonly text?: (value: string | number) => string };
  readonly unit: string;
  readonly curves: readonly Curve[];
  readonly bands?: readonly CurveBand[];
  readonly height?: number;
  /** Whether the axis begins at zero. Default true. */
  readonly zero?: boolean;
  /** More marks of Recharts, such as a reference line. */
  readonly children?: ReactNode;
}

const AXIS = {
  stroke: 'var(--text-muted)',
  tick: { fill: 'var(--text-muted)', fontSize: 12 },
  tickLine: false,
} as const;

/** Curves over hours or days with intervals, for few points; a table holds the same values. */
export function Curves({ title, rows, x, unit, curves, bands = [], height = 220, zero = true, children }: CurvesProps) {
  const { t, locale } = useSpeech();
  const [table, setTable] = useState(false);
  const id = useId();
  const number = (value: unknown) =>
    Array.isArray(value)
      ? value.map((one) => threeDigits(Number(one), locale)).join(' … ')
      : threeDigits(value === null || value === undefined ? Number.NaN : Number(value), locale);
  const written = (value: string | number) => x.text?.(value) ?? String(value);
  return (
    <figure className="line-chart" aria-labelledby={id}>
      <ChartHead {...{ id, title, bands, table }} lines={curves} onTable={setTable} tableWord={t('chart.table')} />
      <div role="img" aria-label={t('chart.drawn', { title })}>
        <ResponsiveContainer width="100%" height={height}>
          <ComposedChart data={[...rows]} margin={{ top: 8, right: 8, bottom: 0, left: 0 }} accessibilityLayer={false}>
            <CartesianGrid stroke="var(--line)" vertical={false} />
            <XAxis dataKey={x.field} tickFormatter={written} minTickGap={32} {...AXIS} />
            <YAxis
              width={64}
              unit={unit === '' ? '' : ` ${unit}`}
              domain={[zero ? (least: number) => Math.min(0, least) : 'auto', 'auto']}
              tickFormatter={(value: number) => threeDigits(value, locale)}
              {...AXIS}
            />
            <Tooltip
              labelFormatter={(value) => written(value as string | number)}
              formatter={(value, name) => [`${number(value)} ${unit}`, name]}
              contentStyle={{ background: 'var(--surface-raised)', borderColor: 'var(--line)' }}
            />
            {bands.map(({ field, name, color, opacity }) => (
              <Area
                key={field}
                dataKey={field}
                name={name}
                stroke="none"
                fill={`var(${color})`}
                fillOpacity={opacity}
                isAnimationActive={false}
              />
            ))}
            {curves.map(({ field, name, color, dashed }) => (
              <Line
                key={field}
                dataKey={field}
                name={name}
                stroke={`var(${color})`}
                strokeWidth={dashed ? 1.5 : 2}
                {...(dashed && { strokeDasharray: '6 4' })}
                dot={rows.length < 2}
                isAnimationActive={false}
              />
            ))}
            {children}
          </ComposedChart>
        </ResponsiveContainer>
      </div>
      {table && (
        <ValueTable
          title={`${title}: ${t('chart.table')}`}
          head={[x.name, ...[...curves, ...bands].map(({ name }) => (unit === '' ? name : `${name}, ${unit}`))]}
          rows={rows.map((row) => [
            written(row[x.field] as string | number),
            ...[...curves, ...bands].map(({ field }) => number(row[field])),
          ])}
        />
      )}
    </figure>
  );
}
