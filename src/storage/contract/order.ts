/**
 * Compares texts by Unicode code point, which is the order of their UTF-8 bytes and so the order in which SQLite (BINARY)
 * and PostgreSQL (collation "C") sort. JavaScript's own `<` compares UTF-16 units, which differs beyond the basic plane.
 */
export function compareText(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) {
      // Surrogates (D800…DFFF) stand for code points above all others.
      const xHigh = x >= 0xd800 && x <= 0xdfff;
      const yHigh = y >= 0xd800 && y <= 0xdfff;
      return xHigh === yHigh ? x - y : xHigh ? 1 : -1;
    }
  }
  return a.length - b.length;
}
