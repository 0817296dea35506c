import type { ChartWords } from '@twinergy-examples/ui/chart';
import { useMemo } from 'react';
import { useSpeech } from '../i18n/index.js';

/** The words of a chart in the language of the screens. */
export function useChartWords(): ChartWords {
  const { t } = useSpeech();
  return useMemo(
    () => ({ table: t('chart.table'), time: t('chart.time'), drawn: (title) => t('chart.drawn', { title }) }),
    [t],
  );
}
