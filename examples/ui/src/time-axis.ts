const DAY = 86_400;

/** Labels of a time axis (s since the epoch): hours by 24 or days, as the step asks, with the day where it begins. */
export function timeAxis(timeZone: string, locale?: string) {
  const hour = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone });
  const day = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', timeZone });
  return (_chart: unknown, splits: readonly number[], _axis: number, _space: number, step: number): string[] => {
    let last = '';
    return splits.map((at) => {
      const date = day.format(at * 1000);
      if (step >= DAY) return date;
      const label = date === last ? hour.format(at * 1000) : `${hour.format(at * 1000)}\n${date}`;
      last = date;
      return label;
    });
  };
}
