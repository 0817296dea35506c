import { describe, expect, it } from 'vitest';
import { TwinergyError } from '../errors.js';
import { Frame } from '../frame.js';
import type { CsvOptions, CsvReport } from './options.js';

function code(text: string, options?: CsvOptions): string {
  try {
    Frame.fromCsv(text, options);
  } catch (error) {
    if (error instanceof TwinergyError) return `${error.code} ${error.path ?? ''}`.trim();
    throw error;
  }
  return 'no error';
}

function read(text: string, options: CsvOptions = {}): { frame: Frame; report: CsvReport } {
  const reports: CsvReport[] = [];
  const frame = Frame.fromCsv(text, { ...options, onReport: (told) => reports.push(told) });
  const [report] = reports;
  if (report === undefined) throw new Error('no report');
  return { frame, report };
}

const plain = 'time,power [kW],state\n2026-01-01T00:00Z,1.5,ok\n2026-01-01T00:15Z,,ok\n';

describe('CSV', () => {
  it('reads names, units and missing values, and leaves text columns out', () => {
    const { frame, report } = read(plain);
    expect(frame.names).toStrictEqual(['power']);
    expect(frame.unit('power')).toBe('kW');
    expect([...frame.column('power')]).toStrictEqual([1.5, NaN]);
    expect(report.textColumns).toStrictEqual(['state']);
  });

  it('maps columns to channels and converts units', () => {
    const { frame } = read(plain, { columns: { acPower: { column: 'power', as: 'W' } } });
    expect([...frame.column('acPower')]).toStrictEqual([1500, NaN]);
    expect(code(plain, { columns: { acPower: { column: 'power', unit: '°C', as: 'W' } } })).toBe('UNIT_MISMATCH');
    expect(code(plain, { columns: { acPower: 'volts' } })).toBe('CSV_NO_COLUMN columns.acPower');
    expect(code(plain, { columns: { a: 'power', b: 'power' } })).toBe('CSV_COLUMN_TWICE columns.b');
    expect(code(plain, { columns: { a: 'time' } })).toBe('CSV_COLUMN_TWICE columns.a');
  });

  it('finds delimiter and decimal commas', () => {
    const { frame, report } = read('Zeit;P\n01.02.2026 00:00;1,5\n01.02.2026 00:15;-2,25\n', {
      time: { column: 'Zeit', format: 'DD.MM.YYYY HH:mm' },
    });
    expect([...frame.column('P')]).toStrictEqual([1.5, -2.25]);
    expect(report).toMatchObject({ delimiter: ';', decimal: ',' });
  });

  it.each([
    ['', 'CSV_EMPTY'],
    ['time,power\n', 'CSV_EMPTY'],
    ['time,power\n2026-01-01,1\n2026-01-02,abc\n', 'CSV_NOT_A_NUMBER line 3'],
    ['time,power\n2026-01-01,abc\n2026-01-02,1\n', 'CSV_NOT_A_NUMBER line 2'],
    ['time,power\nyesterday,1\n', 'CSV_BAD_TIME line 2'],
    ['time,power\n2026-02-30,1\n', 'CSV_BAD_TIME line 2'],
    ['time,power\n2026-01-01\n', 'CSV_SHORT_ROW line 2'],
    ['time,power\n2026-01-01,12,5\n', 'CSV_LONG_ROW line 2'],
    ['time,state\n2026-01-01,ok\n', 'CSV_NO_NUMBERS'],
    ['time,p,p\n2026-01-01,1,2\n', 'CSV_DUPLICATE_HEADER columns'],
  ])('refuses %j', (text, expected) => {
    expect(code(text)).toBe(expected);
  });

  it('refuses an unknown zone, a bad format and a quotation mark without partner', () => {
    expect(code(plain, { time: { zone: 'Europe/Nowhere' } })).toBe('ZONE_UNKNOWN');
    expect(code(plain, { time: { format: 'HH:mm' } })).toBe('CSV_BAD_TIME_FORMAT');
    expect(code(plain, { time: { format: 'YYYY MM DD DD' } })).toBe('CSV_BAD_TIME_FORMAT');
    expect(code(`time,power\n2026-01-01,"1${'\n2026-01-02,2'.repeat(500_000)}`)).toBe('CSV_LINE_TOO_LONG line 2');
  });

  it('sets bad rows aside where told', () => {
    const { frame, report } = read('time,p\n2026-01-01,1\n2026-01-02,abc\n2026-01-03\n2026-01-04,4,\n', {
      invalid: 'quarantine',
    });
    expect([...frame.column('p')]).toStrictEqual([1, 4]);
    expect(report.quarantined.map(({ line, code }) => [line, code])).toStrictEqual([
      [3, 'CSV_NOT_A_NUMBER'],
      [4, 'CSV_SHORT_ROW'],
    ]);
  });

  it('reports hours that clocks skip or show twice', () => {
    const text = [
      'time,p',
      '2026-03-29 01:30,1',
      '2026-03-29 02:30,2',
      '2026-03-29 03:30,3',
      '2026-10-25 01:30,4',
      '2026-10-25 02:30,5',
      '2026-10-25 03:30,6',
    ].join('\r\n');
    const zone = 'Europe/Berlin';
    const { frame, report } = read(text, { time: { zone } });
    expect([...frame.column('p')]).toStrictEqual([1, 3, 4, 6]);
    expect((frame.time[1] as number) - (frame.time[0] as number)).toBe(3_600_000);
    expect((frame.time[3] as number) - (frame.time[2] as number)).toBe(3 * 3_600_000);
    expect(report).toMatchObject({ ambiguousTimes: 1, missingTimes: 1 });
    expect(report.quarantined.map(({ line, code }) => [line, code])).toStrictEqual([
      [3, 'CSV_MISSING_TIME'],
      [6, 'CSV_AMBIGUOUS_TIME'],
    ]);
    const later = read(text, { time: { zone, ambiguous: 'later' } });
    expect([...later.frame.column('p')]).toStrictEqual([1, 3, 4, 5, 6]);
    expect(later.report.ambiguousTimes).toBe(1);
    expect(code(text, { time: { zone, missing: 'refuse' } })).toBe('CSV_MISSING_TIME line 3');
    expect(code(text, { time: { zone, ambiguous: 'refuse' } })).toBe('CSV_AMBIGUOUS_TIME line 6');
  });

  it.each([
    ['iso', '2026-01-01T10:00:04.035+01:00', Date.UTC(2026, 0, 1, 9, 0, 4, 35)],
    ['iso', '2026/01/01 10:00', Date.UTC(2026, 0, 1, 10)],
    ['iso', '2026-01-01T24:00Z', Date.UTC(2026, 0, 2)],
    ['epoch-s', '1767225600', Date.UTC(2026, 0, 1)],
    ['epoch-ms', '1767225600000', Date.UTC(2026, 0, 1)],
    ['M/D/YYYY h:mm A', '1/2/2026 12:05 AM', Date.UTC(2026, 0, 2, 0, 5)],
    ['M/D/YYYY h:mm A', '1/2/2026 1:05 pm', Date.UTC(2026, 0, 2, 13, 5)],
  ] as const)('reads times as %s: %s', (format, text, expected) => {
    expect(read(`time,p\n${text},1\n`, { time: { format } }).frame.time[0]).toBe(expected);
  });

  it('gives the same frame from pieces of any size, with quotes over their borders', async () => {
    const text = `time,"a ""x"", [W]"\n${Array.from({ length: 50 }, (_, i) => `2026-01-01T00:${String(i).padStart(2, '0')},"${i}.5"`).join('\r\n')}`;
    const whole = Frame.fromCsv(text);
    expect(whole.names).toStrictEqual(['a "x",']);
    for (const size of [1, 7, 64, 10_000]) {
      const bytes = new TextEncoder().encode(text);
      const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
        bytes.slice(i * size, (i + 1) * size),
      );
      const frame = await Frame.fromCsv(pieces);
      expect(frame.column('a "x",')).toStrictEqual(whole.column('a "x",'));
      expect(frame.time).toStrictEqual(whole.time);
    }
    const stream = new Blob([text]).stream();
    expect((await Frame.fromCsv(stream)).length).toBe(50);
  });

  it('tells its progress and hears an abort', async () => {
    const text = `time,p\n${Array.from({ length: 40_000 }, (_, i) => `${i},1`).join('\n')}`;
    const done: number[] = [];
    Frame.fromCsv(text, { time: { format: 'epoch-s' }, onProgress: (progress) => done.push(progress.done) });
    expect(done.at(-1)).toBe(text.length);
    expect(code(text, { time: { format: 'epoch-s' }, signal: AbortSignal.abort() })).toBe('ABORTED');
    await expect(Frame.fromCsv([text], { time: { format: 'epoch-s' }, signal: AbortSignal.abort() })).rejects.toThrow(
      'aborted',
    );
  });
});
