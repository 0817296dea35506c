/** The bytes of a typed array as base64 (little-endian, as all runtimes have them). */
export function packBytes(array: Float64Array | Int32Array | Uint32Array | Uint8Array): string {
  const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
  let text = '';
  // String.fromCharCode takes characters as arguments, whose number is limited.
  for (let i = 0; i < bytes.length; i += 8190) text += String.fromCharCode(...bytes.subarray(i, i + 8190));
  return btoa(text);
}

/** The bytes that `packBytes` packed. */
export function unpackBytes(text: string): ArrayBuffer {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes.buffer;
}
