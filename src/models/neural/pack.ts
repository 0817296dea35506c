/** 32-bit floats as base64 of their bytes: bit-exact and compact. */
export function packFloats32(values: Float32Array): string {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  let text = '';
  for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192));
  return btoa(text);
}

/** What `packFloats32` packed. */
export function unpackFloats32(text: string): Float32Array {
  const binary = atob(text);
  return new Float32Array(Uint8Array.from(binary, (character) => character.charCodeAt(0)).buffer);
}
