import { type KeyboardEvent, memo, type ReactNode, useId } from 'react';
import { useSpeech } from '../i18n/index.js';
import type { Component } from './layout.js';
import { stepTo } from './navigate.js';

/**
 * The picture, whichever it is, with a list of the plant's parts over it: it has the focus, arrows lead from part to part, and
 * it tells a screen reader what the picture shows.
 */
export function Stage({
  components,
  chosen,
  onChoose,
  describe,
  children,
}: {
  readonly components: readonly Component[];
  readonly chosen: string | undefined;
  readonly onChoose: (id: string | undefined) => void;
  /** Name, value, and trouble of a part. */
  readonly describe: (id: string) => string;
  readonly children: ReactNode;
}) {
  const { t } = useSpeech();
  const prefix = useId();
  const at = components.findIndex(({ id }) => id === chosen);
  const onKeyDown = (event: KeyboardEvent) => {
    const next = stepTo(event.key, at, components);
    if (next === undefined) return;
    event.preventDefault();
    onChoose(components[next]?.id);
  };
  return (
    <div className="twin-stage">
      <div
        className="twin-keys"
        role="listbox"
        tabIndex={0}
        aria-label={t('twin.parts')}
        aria-activedescendant={at < 0 ? undefined : `${prefix}${at}`}
        onKeyDown={onKeyDown}
      >
        <Parts {...{ components, at, prefix, describe }} />
      </div>
      <div className="twin-picture" aria-hidden="true">
        {children}
      </div>
    </div>
  );
}

/** The parts in words; made anew when a value is, not with each frame of a replay. */
const Parts = memo(function Parts({
  components,
  at,
  prefix,
  describe,
}: {
  readonly components: readonly Component[];
  readonly at: number;
  readonly prefix: string;
  readonly describe: (id: string) => string;
}) {
  return components.map(({ id }, i) => (
    // biome-ignore lint/a11y/useFocusableInteractive: the list has the focus, and says which option is meant.
    <div key={id} id={`${prefix}${i}`} role="option" aria-selected={i === at} className="visually-hidden">
      {describe(id)}
    </div>
  ));
});
