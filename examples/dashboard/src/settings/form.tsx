import type { ReactNode } from 'react';
import { useState } from 'react';
import { problemText } from '../data/query.js';
import { useSpeech } from '../i18n/index.js';

/** What the server said against it. */
export function Failure({ error }: { readonly error: unknown }) {
  if (error === null || error === undefined) return null;
  return (
    <p className="state-critical wide" role="alert">
      {problemText(error)}
    </p>
  );
}

/** A form whose fields are read when it is sent; it is emptied when that went well. */
export function Form({
  label,
  go,
  action,
  children,
}: {
  readonly label: string;
  /** What the button says. */
  readonly go: string;
  readonly action: {
    readonly isPending: boolean;
    readonly error: unknown;
    readonly send: (field: (name: string) => string, form: FormData) => Promise<unknown>;
  };
  readonly children: ReactNode;
}) {
  return (
    <form
      className="fields"
      aria-label={label}
      onSubmit={(event) => {
        event.preventDefault();
        const form = event.currentTarget;
        const data = new FormData(form);
        action
          .send((name) => String(data.get(name) ?? ''), data)
          .then(
            () => form.reset(),
            // The failure stands below the fields, which keep what was written.
            () => undefined,
          );
      }}
    >
      {children}
      <button type="submit" className="button primary" disabled={action.isPending}>
        {go}
      </button>
      <Failure error={action.error} />
    </form>
  );
}

/** A named field of a form. */
export function Field({
  name,
  label,
  hint,
  ...rest
}: {
  readonly name: string;
  readonly label: string;
  readonly hint?: string;
} & React.InputHTMLAttributes<HTMLInputElement>) {
  return (
    <label>
      {label}
      <input name={name} {...rest} />
      {hint !== undefined && <span className="muted">{hint}</span>}
    </label>
  );
}

/** One of a few. */
export function Choice({
  name,
  label,
  options,
  ...rest
}: {
  readonly name: string;
  readonly label: string;
  readonly options: readonly (readonly [value: string, text: string])[];
} & React.SelectHTMLAttributes<HTMLSelectElement>) {
  return (
    <label>
      {label}
      <select name={name} className="button" {...rest}>
        {options.map(([value, text]) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
}

/** Some of a few. */
export function Ticks({
  name,
  label,
  options,
  ticked,
}: {
  readonly name: string;
  readonly label: string;
  readonly options: readonly (readonly [value: string, text: string])[];
  readonly ticked: readonly string[];
}) {
  return (
    <fieldset className="ticks">
      <legend>{label}</legend>
      {options.map(([value, text]) => (
        <label key={value}>
          <input type="checkbox" name={name} value={value} defaultChecked={ticked.includes(value)} /> {text}
        </label>
      ))}
    </fieldset>
  );
}

/** A button that asks once more before it does what can't be undone. */
export function Remove({ what, onRemove }: { readonly what: string; readonly onRemove: () => void }) {
  const { t } = useSpeech();
  const [sure, setSure] = useState(false);
  if (!sure) {
    return (
      <button type="button" className="button" onClick={() => setSure(true)}>
        {t('settings.remove')} <span className="visually-hidden">{what}</span>
      </button>
    );
  }
  return (
    <span className="buttons">
      <button type="button" className="button danger" onClick={onRemove}>
        {t('settings.sure', { what })}
      </button>
      <button type="button" className="button" onClick={() => setSure(false)}>
        {t('settings.keep')}
      </button>
    </span>
  );
}
