import { z } from '@hono/zod-openapi';

/** An instant: ISO 8601 with offset, or ms since the epoch. */
export const instant = z
  .union([z.iso.datetime({ offset: true }), z.coerce.number().int().min(-62_135_596_800_000).max(253_402_300_799_999)])
  .transform((value) => (typeof value === 'number' ? value : Date.parse(value)))
  .openapi({
    type: 'string',
    description: 'ISO 8601 with offset (`2026-06-01T12:00:00Z`), or ms since the epoch.',
    example: '2026-06-01T12:00:00Z',
  });

/** A text that any store can keep. */
export const text = (most: number, least = 0) =>
  z
    .string()
    .min(least)
    .max(most)
    .refine((value) => !value.includes('\0') && !/\p{Surrogate}/u.test(value), 'has characters that cannot be stored');

/** A name for use in paths. */
export const id = text(256, 1).openapi({ example: 'solar-1' });

/** Time on the way out: ISO 8601 in UTC. */
export const time = z.iso.datetime().openapi({ example: '2026-06-01T12:00:00.000Z' });
export const timeOrNull = time.nullable();

/** ms since the epoch → ISO 8601. */
export function iso(value: number): string;
export function iso(value: number | null | undefined): string | null;
export function iso(value: number | null | undefined): string | null {
  return value === undefined || value === null || !Number.isFinite(value) ? null : new Date(value).toISOString();
}

export const severity = z.enum(['CRITICAL', 'HIGH', 'MEDIUM', 'LOW']);

/** Query of a page. */
export const pageQuery = {
  limit: z.coerce.number().int().min(1).max(1000).default(100).openapi({ description: 'At most so many items.' }),
  cursor: text(1000).optional().openapi({ description: 'The `next` of the page before.' }),
};

/** A page of items. */
export const page = <Item extends z.ZodType>(item: Item) =>
  z.object({
    items: z.array(item),
    next: z.string().nullable().openapi({ description: 'Cursor of the page that follows; null on the last.' }),
  });

/** A list of names, comma-separated. */
export const names = text(4000).transform((value) =>
  value
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== ''),
);

export const range = {
  from: instant.optional().openapi({ description: 'First instant.' }),
  to: instant.optional().openapi({ description: 'First instant that is no longer in it.' }),
};

export const assetParams = z.object({ asset_id: id });
export const numberOrNull = z.number().nullable();
/** Finite, or null: JSON has no NaN. */
export const finite = (value: number | null | undefined): number | null =>
  value !== null && value !== undefined && Number.isFinite(value) ? value : null;
