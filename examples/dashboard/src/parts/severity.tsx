import { type State, StateWord } from '@twinergy-examples/ui';
import { useSpeech, type Word } from '../i18n/index.js';

/** The severities of alerts and tasks, the worst first. */
export const severities = ['CRITICAL', 'HIGH', 'MEDIUM', 'LOW'] as const;
export type Severity = (typeof severities)[number];

/** A severity with its mark and its word. */
export function SeverityWord({ severity }: { readonly severity: Severity }) {
  const { t } = useSpeech();
  return <StateWord state={severity.toLowerCase() as State}>{t(`severity.${severity}` as Word)}</StateWord>;
}
