import './solar-twin.css';
import { inUnit } from '@twinergy-examples/ui';
import { Component as Boundary, lazy, type ReactNode, Suspense, useCallback, useMemo, useState } from 'react';
import { useSpeech, type Word } from '../i18n/index.js';
import { Skeleton } from '../parts/states.js';
import { Clock } from './clock.js';
import { place } from './faults.js';
import { layOut } from './layout.js';
import { Legend } from './legend.js';
import {
  channelsFor,
  type Day,
  type Measure,
  measures,
  ownScale,
  rowAt,
  scaleOf,
  share,
  unitOf,
  valuesOf,
} from './measures.js';
import { Panel } from './panel.js';
import Plan from './plan.js';
import type { PlantShape } from './plant-shape.js';
import { firstQuality } from './quality.js';
import { type Rgb, ramp } from './ramp.js';
import { Stage } from './stage.js';
import { orientation, type Sun, sunAt, sunPath, trackerRotation } from './sun.js';
import { useChoices } from './use-choices.js';
import { useClock } from './use-clock.js';
import { useDay, useSpan } from './use-day.js';
import { useTroubles } from './use-troubles.js';
import type { View } from './view.js';
import { webglRenderer } from './webgl.js';

const Scene = lazy(() => import('./scene.js'));

/** A tracker is drawn anew when it has turned so far, degrees. */
const NOTICEABLE = 0.5;
const NOTHING: Day = { time: [], series: {}, expected: {} };

/** The plant as a picture, with its clock, its colours, and what is chosen in it. */
export function Twin({
  id,
  plant,
  channels,
}: {
  readonly id: string;
  readonly plant: PlantShape;
  readonly channels: readonly string[];
}) {
  const { t, locale } = useSpeech();
  const { plan, measure, quality: wanted, part: chosen, day: date, choose } = useChoices();
  const { timeZone } = plant.site;
  const layout = useMemo(() => layOut(plant), [plant]);
  const span = useSpan(date, timeZone);
  const wantedChannels = useMemo(() => channelsFor(plant, new Set(channels)), [plant, channels]);
  const { data: day = NOTHING } = useDay(id, wantedChannels, span.from, span.to);
  const clock = useClock(
    span.from,
    span.to,
    span.day === span.today ? (day.time.at(-1) ?? Date.now()) : noon(span.from),
  );
  const { time } = clock;

  const all = useMemo(() => new Map(measures.map((name) => [name, valuesOf(name, plant, day)] as const)), [plant, day]);
  const values = all.get(measure);
  const scale = useMemo(() => scaleOf(measure, plant, values ?? new Map()), [measure, plant, values]);
  const row = rowAt(day.time, time);
  const colours = useMemo(() => {
    const out = new Map<string, Rgb>();
    for (const { id: part, kind } of layout.components) {
      const course = values?.get(part) ?? [];
      const ends = kind === 'string' ? scale : ownScale(measure, scale, course);
      out.set(part, ramp(share(Math.abs(course[row] ?? Number.NaN), ends)));
    }
    return out;
  }, [layout, values, scale, measure, row]);
  const figureOf = useCallback(
    (name: Measure, part: string) => {
      const course = all.get(name)?.get(part);
      return course === undefined ? undefined : (course[row] ?? Number.NaN);
    },
    [all, row],
  );

  const sun = useMemo(() => sunAt(time, plant.site), [time, plant]);
  const path = useMemo(() => sunPath(span.from, plant.site), [span.from, plant]);
  const turns = plant.arrays
    .map((array) => Math.round(trackerRotation(array, sun) / NOTICEABLE) * NOTICEABLE)
    .join(' ');
  const bases = useMemo(
    () =>
      turns.split(' ').flatMap((turn, a) => {
        const array = plant.arrays[a];
        return array === undefined ? [] : [orientation(array, Number(turn))];
      }),
    [turns, plant],
  );

  const { troubles, known } = useTroubles(id);
  const placed = useMemo(() => place(troubles, plant, layout.components), [troubles, plant, layout]);
  const nameOf = useCallback(
    (part: string) => {
      const found = layout.components.find((component) => component.id === part);
      return found === undefined ? part : t(`twin.${found.kind}` as Word, { n: found.number });
    },
    [layout, t],
  );
  const describe = useCallback(
    (part: string) => {
      const value = figureOf(measure, part);
      const trouble = placed.at.get(part)?.[0];
      return [
        nameOf(part),
        value === undefined || Number.isNaN(value) ? t('twin.unknown') : inUnit(value, unitOf[measure], locale),
        ...(trouble === undefined ? [] : [trouble.title]),
      ].join(', ');
    },
    [figureOf, measure, placed, nameOf, t, locale],
  );
  const onChoose = useCallback((part: string | undefined) => choose('part', part), [choose]);

  const renderer = webglRenderer();
  const [lost, setLost] = useState(false);
  const [adapted, setAdapted] = useState(() => firstQuality(renderer ?? '', layout.stringOf.length));
  const inSpace = !plan && !lost && renderer !== undefined;
  const view: View = {
    plant,
    layout,
    sun,
    path,
    bases,
    colours,
    placed,
    chosen,
    onChoose,
    nameOf,
    north: t('twin.north'),
  };
  const drawing = <Plan {...view} />;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: Escape leads back to the overview from wherever the focus is in here.
    <div
      className="twin"
      onKeyDown={({ key }) => {
        if (key === 'Escape') onChoose(undefined);
      }}
    >
      <div className="twin-tools">
        <Choice
          label={t('twin.view')}
          options={['space', 'plan']}
          chosen={inSpace ? 'space' : 'plan'}
          disabled={renderer === undefined || lost}
          onChange={(next) => choose('view', next === 'plan' ? 'plan' : undefined)}
        />
        <Choice
          label={t('twin.colour')}
          options={measures}
          chosen={measure}
          onChange={(next) => choose('colour', next)}
        />
        {renderer === undefined && <p className="muted">{t('twin.no-webgl')}</p>}
      </div>
      <div className="columns wide-first">
        <div className="card twin-main">
          <Stage components={layout.components} chosen={chosen} onChoose={onChoose} describe={describe}>
            {inSpace ? (
              <Fallback otherwise={drawing}>
                <Suspense fallback={<Skeleton height={480} />}>
                  <Scene
                    {...view}
                    quality={wanted ?? adapted}
                    onQuality={setAdapted}
                    playing={clock.playing && wanted === undefined}
                    onLost={() => setLost(true)}
                  />
                </Suspense>
              </Fallback>
            ) : (
              drawing
            )}
          </Stage>
          <Clock span={span} timeZone={timeZone} clock={clock} onDay={(next) => choose('day', next)} />
          <Legend measure={measure} scale={scale} />
          <p className="muted twin-note">
            <SunWord sun={sun} /> {t('twin.note')}
          </p>
        </div>
        <Panel
          id={id}
          part={layout.components.find((component) => component.id === chosen)}
          placed={placed}
          known={known}
          figureOf={figureOf}
          channels={channels.filter((name) => name.split('.')[0] === chosen)}
          nameOf={nameOf}
          onChoose={onChoose}
        />
      </div>
    </div>
  );
}

const noon = (from: number) => from + 12 * 3_600_000;

function SunWord({ sun: { elevation, azimuth } }: { readonly sun: Sun }) {
  const { t } = useSpeech();
  if (elevation <= 0) return t('twin.sun-down');
  return t('twin.sun-up', { elevation: Math.round(elevation), azimuth: Math.round(azimuth) });
}

/** A few buttons, one of which is pressed. */
function Choice<Option extends string>({
  label,
  options,
  chosen,
  disabled = false,
  onChange,
}: {
  readonly label: string;
  readonly options: readonly Option[];
  readonly chosen: Option;
  readonly disabled?: boolean;
  readonly onChange: (option: Option) => void;
}) {
  const { t } = useSpeech();
  return (
    <fieldset className="ranges">
      <legend className="visually-hidden">{label}</legend>
      {options.map((option) => (
        <button
          key={option}
          type="button"
          className="button"
          aria-pressed={option === chosen}
          disabled={disabled}
          onClick={() => onChange(option)}
        >
          {t(`twin.${option}` as Word)}
        </button>
      ))}
    </fieldset>
  );
}

/** Shows the drawing where the picture in space cannot be had: its chunk did not come, or the graphics failed. */
class Fallback extends Boundary<{ readonly otherwise: ReactNode; readonly children: ReactNode }, { failed: boolean }> {
  override state = { failed: false };
  static getDerivedStateFromError() {
    return { failed: true };
  }
  override render() {
    return this.state.failed ? this.props.otherwise : this.props.children;
  }
}
