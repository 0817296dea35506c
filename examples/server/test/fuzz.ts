import fc from 'fast-check';
import type { TestServer } from './running.js';

interface Schema {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly $ref?: string;
  readonly format?: string;
}
interface Operation {
  readonly method: string;
  readonly path: string;
  readonly parameters: readonly { readonly name: string; readonly in: string; readonly schema?: Schema }[];
  readonly bodies: readonly (readonly [type: string, schema: Schema])[];
}

/** Values that have broken servers before. */
const nasty = fc.constantFrom<unknown>(
  null,
  '',
  ' ',
  '\0',
  '\ud800',
  '"',
  "'; drop table assets; --",
  '../../etc/passwd',
  '%00',
  '%',
  '{{7*7}}',
  '<script>',
  -1,
  0,
  1e308,
  -1e308,
  2 ** 53,
  0.1,
  true,
  [],
  {},
  [[]],
  { __proto__: 1 },
  { constructor: { prototype: {} } },
  'NaN',
  'Infinity',
  '9999999999999999999',
  '2026-02-30T00:00:00Z',
  '0000-01-01T00:00:00Z',
  'solar-1',
  'x'.repeat(5000),
);
const text = fc.oneof(
  fc.string({ maxLength: 40 }),
  fc.string({ unit: 'binary', maxLength: 20 }),
  nasty.filter((value) => typeof value === 'string'),
);

/** Values that mostly fit a schema, and sometimes do not. */
function madeBy(
  schema: Schema | undefined,
  schemas: Readonly<Record<string, Schema>>,
  depth = 0,
): fc.Arbitrary<unknown> {
  const anything = fc.oneof(nasty, fc.jsonValue({ maxDepth: 2 }));
  if (schema === undefined || depth > 5) return anything;
  if (schema.$ref !== undefined) return madeBy(schemas[schema.$ref.split('/').at(-1) ?? ''], schemas, depth + 1);
  const choices = schema.anyOf ?? schema.oneOf;
  const fitting = (): fc.Arbitrary<unknown> => {
    if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
    if (choices !== undefined) return fc.oneof(...choices.map((choice) => madeBy(choice, schemas, depth + 1)));
    const type = Array.isArray(schema.type) ? schema.type[0] : schema.type;
    if (type === 'object') {
      const properties = Object.entries(schema.properties ?? {});
      if (properties.length === 0) return fc.dictionary(fc.string({ maxLength: 10 }), anything, { maxKeys: 4 });
      return fc.record(
        Object.fromEntries(properties.map(([name, property]) => [name, madeBy(property, schemas, depth + 1)])),
        {
          requiredKeys: [],
        },
      );
    }
    if (type === 'array') return fc.array(madeBy(schema.items, schemas, depth + 1), { maxLength: 4 });
    if (type === 'integer') return fc.oneof(fc.integer(), fc.integer({ min: 0, max: 50 }));
    if (type === 'number') return fc.oneof(fc.double({ noNaN: true }), fc.integer({ min: 0, max: 50 }));
    if (type === 'boolean') return fc.boolean();
    if (schema.format === 'date-time') return fc.date({ noInvalidDate: true }).map((date) => date.toISOString());
    return fc.oneof(text, fc.constantFrom('solar-1', 'solar-2', 'acknowledge', 'solar_power', '1h'));
  };
  return fc.oneof({ weight: 6, arbitrary: fitting() }, { weight: 1, arbitrary: anything });
}

/** What went wrong. */
export interface FuzzReport {
  readonly requests: number;
  /** Answers by the first digit of their status. */
  readonly statuses: Readonly<Record<string, number>>;
  /** Requests that were answered by 5xx, with what came. */
  readonly failures: readonly string[];
}

/** Sends so many requests made from the server's own document; no answer may be a fault of the server. */
export async function fuzz(
  server: TestServer,
  requests: number,
  seed: number,
  say?: (done: number) => void,
): Promise<FuzzReport> {
  const { body } = await server.call('GET', '/openapi.json');
  const document = body as {
    paths: Record<
      string,
      Record<
        string,
        {
          operationId: string;
          parameters?: Operation['parameters'];
          requestBody?: { content: Record<string, { schema: Schema }> };
        }
      >
    >;
    components: { schemas: Record<string, Schema> };
  };
  const operations: Operation[] = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      // Streams do not end; signing in is slowed down on purpose.
      .filter(
        ([, { operationId }]) =>
          !['streamEvents', 'signIn', 'changePassword', 'testChannel', 'createUser', 'updateUser'].includes(
            operationId,
          ),
      )
      .map(([method, { parameters = [], requestBody }]) => ({
        method: method.toUpperCase(),
        path,
        parameters,
        bodies: Object.entries(requestBody?.content ?? {}).map(([type, { schema }]) => [type, schema] as const),
      })),
  );
  const request = fc.constantFrom(...operations).chain(({ method, path, parameters, bodies }) =>
    fc.record({
      method: fc.constant(method),
      path: fc.constant(path),
      values: fc.record(
        Object.fromEntries(
          parameters.map(({ name, schema, in: place }) => [
            name,
            place === 'path' ? fc.oneof(fc.constant('solar-1'), text) : madeBy(schema, document.components.schemas),
          ]),
        ),
        { requiredKeys: parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => name) },
      ) as fc.Arbitrary<Record<string, unknown>>,
      places: fc.constant(Object.fromEntries(parameters.map((parameter) => [parameter.name, parameter.in]))),
      body:
        bodies.length === 0
          ? fc.constant(undefined)
          : fc.oneof(
              ...bodies.map(([type, schema]) =>
                (type === 'application/json'
                  ? madeBy(schema, document.components.schemas).map((value) => JSON.stringify(value) ?? '')
                  : text.map(String)
                ).map((content) => ({ type, content })),
              ),
              text.map((content) => ({ type: 'application/json', content })),
            ),
    }),
  );
  const statuses: Record<string, number> = {};
  const failures: string[] = [];
  const samples = fc.sample(request, { numRuns: requests, seed });
  // A URL cannot carry halves of surrogate pairs.
  const wellFormed = (value: string) => value.replace(/\p{Surrogate}/gu, '\ufffd');
  let done = 0;
  const worker = async () => {
    for (let next = samples.pop(); next !== undefined; next = samples.pop()) {
      const { method, path, values, places, body: content } = next;
      const filled = path.replace(
        /\{(\w+)\}/g,
        (_, name: string) =>
          encodeURIComponent(wellFormed(String(values[name])).replace(/^\.{1,2}$/, 'dot')) || 'empty',
      );
      const query = new URLSearchParams();
      for (const [name, value] of Object.entries(values))
        if (places[name] === 'query')
          query.set(name, wellFormed(typeof value === 'string' ? value : (JSON.stringify(value) ?? '')));
      const address = query.size === 0 ? filled : `${filled}?${query}`;
      const answer = await server.call(method, address, {
        ...(content !== undefined && { body: content.content, headers: { 'content-type': content.type } }),
      });
      const kind = `${Math.floor(answer.status / 100)}xx`;
      statuses[kind] = (statuses[kind] ?? 0) + 1;
      if (answer.status >= 500)
        failures.push(
          `${method} ${address} ${content?.content.slice(0, 300) ?? ''} → ${answer.status} ${answer.text.slice(0, 200)}`,
        );
      if (++done % 1000 === 0) say?.(done);
    }
  };
  await Promise.all(Array.from({ length: 8 }, worker));
  return { requests: done, statuses, failures };
}
