import { fnv1a } from '../core/fnv.js';

/** A short name for a text: 32 bits of FNV-1a and the length; equal texts have equal names. */
export function textName(text: string): string {
  return `${fnv1a(text).toString(36)}-${text.length}`;
}
