import { Figure, StateWord } from '@twinergy-examples/ui';
import { Link } from 'wouter';
import { useSpeech, type Word } from '../i18n/index.js';
import type { Placed } from './faults.js';
import type { Component } from './layout.js';
import { type Measure, measures, unitOf } from './measures.js';

/** The figures of the chosen part, or what is wrong in the plant. */
export function Panel({
  id,
  part,
  placed,
  known,
  figureOf,
  channels,
  nameOf,
  onChoose,
}: {
  readonly id: string;
  readonly part: Component | undefined;
  readonly placed: Placed;
  /** Whether it is known by now what is wrong. */
  readonly known: boolean;
  /** A part's value at the time that is shown. */
  readonly figureOf: (measure: Measure, part: string) => number | undefined;
  /** Channels of the chosen part. */
  readonly channels: readonly string[];
  readonly nameOf: (id: string) => string;
  readonly onChoose: (id: string | undefined) => void;
}) {
  const { t } = useSpeech();
  if (part === undefined) return <Troubles {...{ placed, known, nameOf, onChoose }} />;
  const troubles = placed.at.get(part.id) ?? [];
  return (
    <section className="card twin-panel" aria-labelledby="part">
      <h2 id="part">{nameOf(part.id)}</h2>
      {troubles.map(({ title, state }) => (
        <p key={title}>
          <StateWord state={state}>{title}</StateWord>
        </p>
      ))}
      <dl className="twin-figures">
        {measures.map((measure) => {
          const value = figureOf(measure, part.id);
          return (
            value !== undefined && (
              <Figure key={measure} name={t(`twin.${measure}` as Word)} value={value} unit={unitOf[measure]} />
            )
          );
        })}
      </dl>
      {measures.every((measure) => figureOf(measure, part.id) === undefined) && (
        <p className="muted">{t('twin.no-figures')}</p>
      )}
      <div className="buttons">
        {channels.length > 0 && (
          <Link
            className="button twin-link"
            href={`/plants/${encodeURIComponent(id)}/charts?channels=${channels.join(',')}`}
          >
            {t('twin.charts')}
          </Link>
        )}
        <button type="button" className="button" onClick={() => onChoose(undefined)}>
          {t('twin.overview')}
        </button>
      </div>
    </section>
  );
}

/** How many parts with trouble are listed. */
const MOST = 8;

function Troubles({
  placed,
  known,
  nameOf,
  onChoose,
}: {
  readonly placed: Placed;
  readonly known: boolean;
  readonly nameOf: (id: string) => string;
  readonly onChoose: (id: string | undefined) => void;
}) {
  const { t } = useSpeech();
  const parts = [...placed.at];
  return (
    <section className="card twin-panel" aria-labelledby="where">
      <h2 id="where">{t('twin.where')}</h2>
      {parts.length === 0 && placed.whole.length === 0 && (
        <p>
          {known ? (
            <StateWord state="good">{t('now.well')}</StateWord>
          ) : (
            <span className="muted">{t('now.looking')}</span>
          )}
        </p>
      )}
      <ul className="findings">
        {parts.slice(0, MOST).map(([part, [worst]]) => (
          <li key={part}>
            {worst !== undefined && <StateWord state={worst.state}>{worst.title}</StateWord>}
            <button type="button" className="link" onClick={() => onChoose(part)}>
              {nameOf(part)}
            </button>
          </li>
        ))}
        {placed.whole.map(({ title, state }) => (
          <li key={title}>
            <StateWord state={state}>{title}</StateWord> <span className="muted">{t('twin.whole')}</span>
          </li>
        ))}
      </ul>
      {parts.length > MOST && <p className="muted">{t('twin.more', { count: parts.length - MOST })}</p>}
      <p className="muted">{t('twin.hint')}</p>
    </section>
  );
}
