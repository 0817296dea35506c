import { useQuery } from '@tanstack/react-query';
import { getLosses, type Losses } from '@twinergy-examples/client';
import { inUnit, quantity } from '@twinergy-examples/ui';
import { Bar, BarChart, CartesianGrid, Cell, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts';
import { useSpeech } from '../i18n/index.js';
import { Answer } from '../parts/answer.js';
import { money } from '../parts/money.js';
import { Empty } from '../parts/states.js';
import { useAsset } from '../shell/plant-frame.js';
import { TimeRange, useRange } from '../shell/time-range.js';

/** A step of the waterfall as it is drawn: from where to where, kWh. */
interface Fall {
  readonly title: string;
  readonly span: readonly [number, number];
  readonly kwh: number;
  readonly kind: Losses['steps'][number]['kind'];
  readonly cost: number | null;
}

/** Where each step begins and ends: totals stand on the ground, losses hang from what was left before them. */
export function falls(steps: Losses['steps'], named: (name: string) => string): Fall[] {
  let level = 0;
  return steps.map(({ name, energy_kwh: kwh, kind, cost }) => {
    const from = kind === 'total' ? 0 : level;
    level = kind === 'total' ? kwh : level - kwh;
    return { title: named(name), span: [Math.min(from, level), Math.max(from, level)], kwh, kind, cost };
  });
}

const color = ({ kind, kwh }: Fall) => (kind === 'total' ? '--measured' : kwh > 0 ? '--high' : '--good');

/** From the energy under a clear sky to the energy measured, step by step. */
export function LossWaterfall({ id }: { readonly id: string }) {
  const { t, named, locale } = useSpeech();
  const time = useRange(useAsset(id)?.zone ?? 'UTC', '7d');
  const losses = useQuery({
    queryKey: ['losses', id, time.stretch.key],
    queryFn: async () => {
      const { from, to } = time.stretch.bounds();
      const query = { from: new Date(from).toISOString(), to: new Date(to).toISOString() };
      return (await getLosses({ path: { asset_id: id }, query })).data;
    },
  });
  return (
    <section className="card" aria-labelledby="losses">
      <h2 id="losses">{t('ahead.losses')}</h2>
      <TimeRange {...time} />
      <Answer query={losses} height={320}>
        {({ steps, performance, currency }) => {
          const rows = falls(steps, (name) => named('losses.step', name));
          if (rows.length === 0) return <Empty text={t('losses.none')} />;
          return (
            <>
              {performance !== null && (
                <p>{t('losses.performance', { percent: `${Math.round(1000 * performance) / 10} %` })}</p>
              )}
              <div role="img" aria-label={t('chart.drawn', { title: t('ahead.losses') })}>
                <Waterfall rows={rows} locale={locale} />
              </div>
              <div className="value-table tall">
                <table>
                  <tbody>
                    {rows.map((row, i) => (
                      <tr key={row.title}>
                        <th scope="row">
                          <span style={{ color: `var(${color(row)})` }} aria-hidden="true">
                            ■{' '}
                          </span>
                          {i + 1}. {row.title}
                        </th>
                        <td>
                          {row.kind === 'loss' && (row.kwh > 0 ? '− ' : '+ ')}
                          {inUnit(Math.abs(row.kwh) * 1000, 'Wh', locale)}
                        </td>
                        <td className="muted">{row.kind === 'loss' && money(row.cost, currency, locale)}</td>
                      </tr>
                    ))}
                  </tbody>
                </table>
              </div>
            </>
          );
        }}
      </Answer>
    </section>
  );
}

function Waterfall({ rows, locale }: { readonly rows: readonly Fall[]; readonly locale: string }) {
  const axis = { stroke: 'var(--text-muted)', tick: { fill: 'var(--text-muted)', fontSize: 12 }, tickLine: false };
  const text = (kwh: number) => {
    const { text: number, unit } = quantity(kwh * 1000, 'Wh', locale);
    return `${number} ${unit}`;
  };
  return (
    <ResponsiveContainer width="100%" height={260}>
      <BarChart data={[...rows]} margin={{ top: 8, right: 8, bottom: 0, left: 0 }} accessibilityLayer={false}>
        <CartesianGrid stroke="var(--line)" vertical={false} />
        <XAxis dataKey="title" interval={0} height={44} {...axis} tick={<Wrapped />} />
        <YAxis width={72} tickFormatter={text} {...axis} />
        <Tooltip
          cursor={{ fill: 'var(--surface-sunken)' }}
          formatter={(_value, _name, { payload }) => [text((payload as Fall).kwh), '']}
          separator=""
          contentStyle={{ background: 'var(--surface-raised)', borderColor: 'var(--line)' }}
          itemStyle={{ color: 'var(--text)' }}
        />
        <Bar dataKey="span" isAnimationActive={false} maxBarSize={72}>
          {rows.map((row) => (
            <Cell key={row.title} fill={`var(${color(row)})`} />
          ))}
        </Bar>
      </BarChart>
    </ResponsiveContainer>
  );
}

/** A name under a bar, in lines that fit beside its neighbours. */
function Wrapped({
  x = 0,
  y = 0,
  payload,
  width = 400,
  visibleTicksCount = 6,
}: {
  readonly x?: number;
  readonly y?: number;
  readonly payload?: { readonly value: string; readonly index?: number };
  readonly width?: number;
  readonly visibleTicksCount?: number;
}) {
  const letters = Math.floor(width / visibleTicksCount / 6.5);
  const lines: string[] = [];
  // Where there is no room for names, the number leads to the name in the table.
  const name = letters < 9 ? `${(payload?.index ?? 0) + 1}` : (payload?.value ?? '');
  for (const word of name.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < letters) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return (
    <text x={x} y={y + 12} textAnchor="middle" fontSize={12} fill="var(--text-muted)">
      {lines.slice(0, 3).map((line, i) => (
        <tspan key={line} x={x} dy={i === 0 ? 0 : 12}>
          {line}
        </tspan>
      ))}
    </text>
  );
}
