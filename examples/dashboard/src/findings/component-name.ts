import type { useSpeech, Word } from '../i18n/index.js';

/** What a finding's component is called: `inverter2` is "Inverter 2"; undefined where it is of no part that people know. */
export function componentName(t: ReturnType<typeof useSpeech>['t'], component: string | null): string | undefined {
  const [, kind, n] = /^(string|inverter|battery)(\d*)(\.|$)/.exec(component ?? '') ?? [];
  return kind === undefined ? undefined : t(`twin.${kind}` as Word, { n: n ?? '' });
}
