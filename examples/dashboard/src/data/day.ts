const DAY = 86_400_000;

/** Making a format takes far longer than using it, and a replay asks in each frame. */
const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known !== undefined) return known;
  const format = new Intl.DateTimeFormat('en-CA', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  });
  formats.set(timeZone, format);
  return format;
}

/** Hours, minutes, date of a time at a place. */
function partsOf(time: number, timeZone: string): Readonly<Record<string, string>> {
  const format = formatOf(timeZone);
  return Object.fromEntries(format.formatToParts(time).map(({ type, value }) => [type, value]));
}

/** The date at a place, as `2026-06-21`. */
export function dateAt(time: number, timeZone: string): string {
  const { year, month, day } = partsOf(time, timeZone);
  return `${year}-${month}-${day}`;
}

/** When the date `2026-06-21` begins at a place, ms since the epoch. */
export function dayStart(date: string, timeZone: string): number {
  const wanted = Date.parse(`${date}T00:00:00Z`);
  // The offset is that of the moment itself, which is found by asking twice: the first guess may lie in another offset.
  let time = wanted;
  for (let i = 0; i < 2; i++) {
    const { year, month, day, hour, minute, second } = partsOf(time, timeZone);
    time += wanted - Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  }
  return time;
}

/** The date `days` after another. */
export function addDays(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * DAY).toISOString().slice(0, 10);
}
