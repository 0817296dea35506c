const BASIS = 0x811c9dc5;
const PRIME = 0x01000193;

/** 32-bit FNV-1a of a text's UTF-16 units (Fowler, Noll, Vo), from another basis where one is given. Not for secrets. */
export function fnv1a(text: string, basis: number = BASIS): number {
  let hash = basis;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), PRIME);
  return hash >>> 0;
}
