import { inUnit } from '@twinergy-examples/ui';
import { useSpeech, type Word } from '../i18n/index.js';
import { type Measure, type Scale, unitOf } from './measures.js';
import { css, gradient, NO_VALUE } from './ramp.js';

/** What the colours mean. */
export function Legend({ measure, scale }: { readonly measure: Measure; readonly scale: Scale }) {
  const { t, locale } = useSpeech();
  const unit = unitOf[measure];
  return (
    <p className="twin-legend">
      <span>{t(`twin.legend.${measure}` as Word)}</span>
      <span className="twin-scale">
        <span>{inUnit(scale.low, unit, locale)}</span>
        <span className="twin-ramp" style={{ background: gradient }} aria-hidden="true" />
        <span>{inUnit(scale.high, unit, locale)}</span>
      </span>
      <span>
        <span className="twin-swatch" style={{ background: css(NO_VALUE) }} aria-hidden="true" /> {t('twin.unknown')}
      </span>
    </p>
  );
}
