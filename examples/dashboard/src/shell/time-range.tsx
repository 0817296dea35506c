import { useSearchParams } from 'wouter';
import { useSpeech, type Word } from '../i18n/index.js';

const HOUR = 3_600_000;
const RANGES = { now: 6 * HOUR, today: 24 * HOUR, '7d': 168 * HOUR, '30d': 720 * HOUR, '1y': 8760 * HOUR } as const;

/** The stretches of time that every page offers. */
export type Range = keyof typeof RANGES;

/** The chosen stretch of time, which stands in the address, so that a link shows the same. */
export function useRange(otherwise: Range = 'today'): {
  readonly range: Range;
  /** Its length, ms. */
  readonly span: number;
  readonly setRange: (range: Range) => void;
} {
  const [query, setQuery] = useSearchParams();
  const wanted = query.get('range') ?? otherwise;
  const range = wanted in RANGES ? (wanted as Range) : otherwise;
  const setRange = (next: Range) =>
    setQuery((before) => {
      before.set('range', next);
      return before;
    });
  return { range, span: RANGES[range], setRange };
}

/** The time control. */
export function TimeRange({ range, onChange }: { readonly range: Range; readonly onChange: (range: Range) => void }) {
  const { t } = useSpeech();
  return (
    <fieldset className="ranges">
      <legend className="visually-hidden">{t('range.label')}</legend>
      {Object.keys(RANGES).map((name) => (
        <button
          key={name}
          type="button"
          className="button"
          aria-pressed={range === name}
          onClick={() => onChange(name as Range)}
        >
          {t(`range.${name}` as Word)}
        </button>
      ))}
    </fieldset>
  );
}
