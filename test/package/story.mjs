// What a user would do first, with the names of the package's root; returns a digest of all numbers that came out, so
// that runtimes can be compared to the bit.
export function story(twinergy) {
  const random = new twinergy.Random(7);
  const values = Float64Array.from({ length: 100 }, () => random.normal());
  const frame = new twinergy.Frame(
    Float64Array.from(values, (_, i) => i * 1000),
    { x: { data: values, unit: '1' } },
  );
  return digest([frame.slice(10_000, 20_000).column('x'), values]);
}

/** FNV-1a over the bytes of the arrays. */
function digest(arrays) {
  let hash = 0x811c9dc5;
  for (const array of arrays) {
    for (const byte of new Uint8Array(array.buffer, array.byteOffset, array.byteLength))
      hash = Math.imul(hash ^ byte, 0x01000193);
  }
  return (hash >>> 0).toString(16);
}
