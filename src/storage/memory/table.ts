import type { Cell, CellRow, SelectQuery } from '../contract/engine.js';
import { compareText } from '../contract/order.js';
import { columnsOf, type TableName } from '../contract/tables.js';

/** Records in one piece of memory. */
const PAGE = 64;
/** Room for a JSON text beyond its own length, for the next one is mostly a little longer or shorter. */
const SPARE = 32;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Some records: their figures, and their texts, record by record. */
interface Page {
  /** NaN: not there. */
  readonly figures: Float64Array;
  readonly texts: (string | RewrittenText | null)[];
}

/**
 * A JSON text that is written over: a checkpoint is, with each reading of its asset. As a string each would live until the
 * next, long enough to be copied by the collection of young garbage; as bytes in a room of its own it leaves nothing behind.
 */
class RewrittenText {
  #room = new Uint8Array(0);
  #length = 0;

  constructor(text: string) {
    this.write(text);
  }

  write(text: string): void {
    const { read, written } = encoder.encodeInto(text, this.#room);
    this.#length = written;
    if (read === text.length) return;
    const bytes = encoder.encode(text);
    this.#room = new Uint8Array(bytes.length + SPARE);
    this.#room.set(bytes);
    this.#length = bytes.length;
  }

  toString(): string {
    return decoder.decode(this.#room.subarray(0, this.#length));
  }
}

/** Where a column is kept: as which figure or text of a record. */
interface Place {
  readonly kind: 'figure' | 'flag' | 'text' | 'json';
  readonly at: number;
}

/**
 * The records of one table, figures beside figures: hundreds of thousands of records as objects of their own would be as many
 * times a dozen things for the garbage collector to look at, each time.
 */
export class RecordTable {
  readonly #places: readonly Place[];
  readonly #names: readonly string[];
  readonly #figures: number;
  readonly #texts: number;
  readonly #rows = new Map<string, number>();
  readonly #free: number[] = [];
  readonly #pages: Page[] = [];

  constructor(table: TableName) {
    const columns = columnsOf(table);
    let [figures, texts] = [0, 0];
    this.#names = columns.map(([name]) => name);
    this.#places = columns.map(([, kind]) => {
      if (kind.startsWith('text')) return { kind: 'text', at: texts++ };
      if (kind.startsWith('json')) return { kind: 'json', at: texts++ };
      return { kind: kind.startsWith('boolean') ? 'flag' : 'figure', at: figures++ };
    });
    this.#figures = figures;
    this.#texts = texts;
  }

  get size(): number {
    return this.#rows.size;
  }

  get(id: string): CellRow | undefined {
    const row = this.#rows.get(id);
    return row === undefined ? undefined : this.#read(row);
  }

  /** Puts a record in the place of the one of its id. */
  set(cells: CellRow): void {
    const id = cells[0] as string;
    const known = this.#rows.get(id);
    const row = known ?? this.#free.pop() ?? this.#rows.size;
    if (known === undefined) this.#rows.set(id, row);
    const { figures, texts } = this.#page(row);
    const [figure, text] = [(row % PAGE) * this.#figures, (row % PAGE) * this.#texts];
    // The id that is there already is as good as the new one, and old.
    for (let c = known === undefined ? 0 : 1; c < this.#places.length; c++) {
      const { kind, at } = this.#places[c] as Place;
      const cell = cells[c] ?? null;
      if (kind === 'text') texts[text + at] = cell as string | null;
      else if (kind === 'json') writeJson(texts, text + at, cell as string | null);
      else figures[figure + at] = cell === null ? Number.NaN : Number(cell);
    }
  }

  delete(id: string): void {
    const row = this.#rows.get(id);
    if (row === undefined) return;
    this.#rows.delete(id);
    this.#free.push(row);
    const { texts } = this.#page(row);
    const first = (row % PAGE) * this.#texts;
    texts.fill(null, first, first + this.#texts);
  }

  /** Removes what is older. */
  deleteBefore(time: number): void {
    for (const [id, row] of this.#rows) if (this.#time(row) < time) this.delete(id);
  }

  /** All records. */
  *values(): Generator<CellRow> {
    for (const row of this.#rows.values()) yield this.#read(row);
  }

  /** See `StorageEngine.select`. */
  select({ assetId, idPrefix, from, to, where, descending, limit, after }: SelectQuery): CellRow[] {
    const conditions = where.map(([name, value]) => [this.#names.indexOf(name), value] as const);
    if (assetId !== undefined) conditions.push([this.#names.indexOf('assetId'), assetId]);
    const sign = descending ? -1 : 1;
    const compare = (a: Found, b: Found) => sign * (a.time - b.time || compareText(a.id, b.id));
    const found: Found[] = [];
    const look = (id: string, row: number) => {
      const time = this.#time(row);
      if (from !== undefined && time < from) return;
      if (to !== undefined && time >= to) return;
      if (idPrefix !== undefined && !id.startsWith(idPrefix)) return;
      if (after !== undefined && compare({ time, id, row }, { ...after, row }) <= 0) return;
      if (conditions.every(([column, value]) => this.#cell(row, column) === value)) found.push({ time, id, row });
    };
    const only = conditions.find(([column]) => column === 0)?.[1];
    if (only === undefined) for (const [id, row] of this.#rows) look(id, row);
    else {
      const row = this.#rows.get(String(only));
      if (row !== undefined) look(String(only), row);
    }
    return found
      .sort(compare)
      .slice(0, limit)
      .map(({ row }) => this.#read(row));
  }

  #page(row: number): Page {
    const index = Math.floor(row / PAGE);
    this.#pages[index] ??= {
      figures: new Float64Array(PAGE * this.#figures),
      texts: new Array<string | RewrittenText | null>(PAGE * this.#texts).fill(null),
    };
    return this.#pages[index];
  }

  #time(row: number): number {
    // `id` is the first text, and `time` the first figure of every table.
    return this.#page(row).figures[(row % PAGE) * this.#figures] as number;
  }

  #cell(row: number, column: number): Cell {
    const place = this.#places[column];
    if (place === undefined) return null;
    const { kind, at } = place;
    const { figures, texts } = this.#page(row);
    if (kind === 'text' || kind === 'json') {
      const text = texts[(row % PAGE) * this.#texts + at] ?? null;
      return text instanceof RewrittenText ? String(text) : text;
    }
    const figure = figures[(row % PAGE) * this.#figures + at] as number;
    if (Number.isNaN(figure)) return null;
    return kind === 'flag' ? figure === 1 : figure;
  }

  #read(row: number): CellRow {
    return this.#places.map((_, column) => this.#cell(row, column));
  }
}

interface Found {
  readonly time: number;
  readonly id: string;
  readonly row: number;
}

function writeJson(texts: Page['texts'], at: number, text: string | null): void {
  const old = texts[at] ?? null;
  if (text === null || old === null) texts[at] = text;
  else if (old instanceof RewrittenText) old.write(text);
  else texts[at] = new RewrittenText(text);
}
