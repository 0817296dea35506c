import { quote, TwinergyError } from '../../core/errors.js';

/** The cursor of a page that ends at (time, id). It is only a position: what it gives away is in the page itself. */
export function cursorOf(time: number, id: string): string {
  return `${time}~${id}`;
}

/** The position that a cursor stands for. @throws TwinergyError `STORAGE_BAD_CURSOR` */
export function keyOfCursor(cursor: string): { time: number; id: string } {
  const match = typeof cursor === 'string' ? /^(-?\d{1,15})~([^\0]{0,256})$/su.exec(cursor) : null;
  if (match === null || /\p{Surrogate}/u.test(cursor)) {
    throw new TwinergyError('STORAGE_BAD_CURSOR', `${quote(cursor)} is no cursor.`, {
      path: 'after',
      value: cursor,
      hint: 'Pass the `next` of the page before, unchanged.',
    });
  }
  return { time: Number(match[1]), id: match[2] as string };
}
