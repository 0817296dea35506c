/** Maps values of `domain` onto pixels of `range`, in a straight line. */
export function linearScale(
  domain: readonly [number, number],
  range: readonly [number, number],
): (value: number) => number {
  const span = domain[1] - domain[0] || 1;
  return (value) => range[0] + ((value - domain[0]) / span) * (range[1] - range[0]);
}

/** Round tick values (1, 2, 2.5 or 5 times a power of ten) over `[low, high]`, about `count` of them. */
export function niceTicks(low: number, high: number, count = 5): number[] {
  const span = high - low;
  if (!(span > 0)) return [low];
  const rough = span / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 2.5, 5, 10].find((factor) => factor * power >= rough) ?? 10) * power;
  const ticks: number[] = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i++)
    ticks.push(Number((i * step).toPrecision(12)));
  return ticks;
}

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const TIME_STEPS = [
  HOUR,
  3 * HOUR,
  6 * HOUR,
  12 * HOUR,
  DAY,
  2 * DAY,
  7 * DAY,
  14 * DAY,
  30 * DAY,
  91 * DAY,
  365 * DAY,
];

/** Tick times over `[from, to]` (ms since the epoch) at round local hours or days of `timeZone`, with their labels. */
export function timeTicks(from: number, to: number, timeZone: string, count = 7): { time: number; label: string }[] {
  const step = TIME_STEPS.find((candidate) => (to - from) / candidate <= count) ?? (TIME_STEPS.at(-1) as number);
  const offset = zoneOffset(from, timeZone);
  const style: Intl.DateTimeFormatOptions =
    step < DAY ? { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } : { day: 'numeric', month: 'short' };
  const format = new Intl.DateTimeFormat('en-GB', { ...style, timeZone });
  const dayFormat = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', timeZone });
  const ticks: { time: number; label: string }[] = [];
  for (let local = Math.ceil((from + offset) / step) * step; local - offset <= to; local += step) {
    const time = local - offset;
    ticks.push({ time, label: local % DAY === 0 ? dayFormat.format(time) : format.format(time) });
  }
  return ticks;
}

/** The offset of `timeZone` from UTC at `time`, in ms. */
function zoneOffset(time: number, timeZone: string): number {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  }).formatToParts(time);
  const of = (type: string) => Number(parts.find((part) => part.type === type)?.value);
  return (
    Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'), of('second')) -
    Math.floor(time / 1000) * 1000
  );
}

/** Three significant digits, without an exponent for the sizes that people meet. */
export function threeDigits(value: number): string {
  if (!Number.isFinite(value)) return '–';
  const magnitude = Math.abs(value);
  if (magnitude !== 0 && (magnitude < 1e-4 || magnitude >= 1e7)) return value.toExponential(2);
  const text = magnitude >= 100 ? Math.round(value).toString() : Number(value.toPrecision(3)).toString();
  return text.replace(/\B(?=(\d{3})+(?!\d))(?<!\.\d*)/g, '\u202f').replace('-', '−');
}
