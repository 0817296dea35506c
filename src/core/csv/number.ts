/** Powers of ten that a double holds exactly. */
const EXACT_POWERS = Float64Array.from({ length: 23 }, (_, i) => 10 ** i);

const MISSING = new Set(['', 'nan', 'na', 'n/a', 'null', 'none', '-', '--', '#n/a']);

/** Whether `text` is one of the usual words for "no value". */
export function isMissingText(text: string): boolean {
  return MISSING.has(text.trim().toLowerCase());
}

/** Set beside the result: whether the last call met a text that is no number. */
export interface NumberParser {
  /**
   * The number in `text[start…end)`; NaN where the field is empty or one of the usual words for "missing", and where it is
   * no number, which `failed` then tells apart.
   */
  parse(text: string, start: number, end: number): number;
  failed: boolean;
}

/**
 * A parser of decimal numbers. Up to 15 digits with a power of ten up to 22 are converted exactly by one multiplication or
 * division (Clinger 1990); the rest goes through `Number`, so that every result is the nearest double.
 */
export function numberParser(decimal: '.' | ','): NumberParser {
  const decimalCode = decimal.charCodeAt(0);

  function slow(text: string): number {
    const trimmed = text.trim();
    if (isMissingText(trimmed)) return Number.NaN;
    const word = trimmed.toLowerCase();
    if (word === 'true') return 1;
    if (word === 'false') return 0;
    const value = Number(decimal === ',' ? trimmed.replace(',', '.') : trimmed);
    if (Number.isNaN(value)) {
      const infinite = /^[+-]?inf(inity)?$/i.test(trimmed);
      parser.failed = !infinite;
    }
    // An infinite measurement is no measurement.
    return Number.isFinite(value) ? value : Number.NaN;
  }

  const parser: NumberParser = {
    failed: false,
    parse(text, start, end) {
      parser.failed = false;
      if (start >= end) return Number.NaN;
      let i = start;
      const first = text.charCodeAt(i);
      const negative = first === 45;
      if (negative || first === 43) i++;
      let mantissa = 0;
      let digits = 0;
      let scale = 0;
      let seenPoint = false;
      for (; i < end; i++) {
        const code = text.charCodeAt(i);
        if (code >= 48 && code <= 57) {
          mantissa = mantissa * 10 + (code - 48);
          if (mantissa !== 0) digits++;
          if (seenPoint) scale++;
        } else if (code === decimalCode && !seenPoint) seenPoint = true;
        else return slow(text.slice(start, end));
      }
      if (digits > 15 || scale > 22 || i === start + (negative ? 1 : 0) + (seenPoint ? 1 : 0))
        return slow(text.slice(start, end));
      const value = scale === 0 ? mantissa : mantissa / (EXACT_POWERS[scale] as number);
      return negative ? -value : value;
    },
  };
  return parser;
}
