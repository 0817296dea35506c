/** The few assertions of the suite, so that it runs under any test runner. */
export function equal(actual: unknown, expected: unknown, what = 'value'): void {
  if (!same(actual, expected)) throw new Error(`${what}: expected ${show(expected)}, got ${show(actual)}`);
}

/** The promise must be rejected with an error of that code. */
export async function rejects(work: () => Promise<unknown>, code: string): Promise<void> {
  let result: unknown;
  try {
    result = await work();
  } catch (error) {
    equal((error as { code?: unknown }).code, code, `code of "${String(error)}"`);
    return;
  }
  throw new Error(`expected ${code}, got ${show(result)}`);
}

function same(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  const keysA = Object.keys(a).sort();
  const keysB = Object.keys(b).sort();
  return (
    keysA.length === keysB.length &&
    Array.isArray(a) === Array.isArray(b) &&
    keysA.every((key, i) => key === keysB[i] && same(Reflect.get(a, key), Reflect.get(b, key)))
  );
}

function show(value: unknown): string {
  const text = JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'number' && !Number.isFinite(part) ? String(part) : part,
  );
  return text === undefined ? String(value) : text.length > 400 ? `${text.slice(0, 400)}…` : text;
}
