import { useSpeech } from '../i18n/index.js';

/** A grey place of the final size, while an answer is on its way. */
export function Skeleton({ height }: { readonly height: number }) {
  const { t } = useSpeech();
  return (
    <div className="skeleton" style={{ height }} aria-busy="true">
      <span className="visually-hidden">{t('state.loading')}</span>
    </div>
  );
}

/** What would be here, and the one step to get it. */
export function Empty({ text, onRetry }: { readonly text: string; readonly onRetry?: () => void }) {
  const { t } = useSpeech();
  return (
    <div className="empty">
      <p className="muted">{text}</p>
      {onRetry !== undefined && (
        <button type="button" className="button" onClick={onRetry}>
          {t('state.retry')}
        </button>
      )}
    </div>
  );
}
