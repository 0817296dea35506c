interface SchemaLike {
  readonly type?: string | readonly string[];
  readonly $ref?: string;
  readonly format?: string;
  readonly enum?: readonly unknown[];
  readonly items?: SchemaLike;
  readonly properties?: Readonly<Record<string, SchemaLike>>;
  readonly required?: readonly string[];
  readonly description?: string;
  readonly anyOf?: readonly SchemaLike[];
  readonly oneOf?: readonly SchemaLike[];
  readonly default?: unknown;
}
interface OperationLike {
  readonly operationId?: string;
  readonly summary?: string;
  readonly description?: string;
  readonly tags?: readonly string[];
  readonly deprecated?: boolean;
  readonly parameters?: readonly {
    name: string;
    in: string;
    required?: boolean;
    description?: string;
    schema?: SchemaLike;
  }[];
  readonly requestBody?: { content: Readonly<Record<string, { schema?: SchemaLike }>> };
  readonly responses?: Readonly<
    Record<string, { description?: string; content?: Readonly<Record<string, { schema?: SchemaLike }>> }>
  >;
  readonly 'x-permission'?: string;
}
/** The part of an OpenAPI document that the page shows. */
export interface DocumentLike {
  readonly info: { readonly title: string; readonly version: string; readonly description?: string };
  readonly paths?: Readonly<Record<string, Readonly<Record<string, OperationLike>>>>;
  readonly components?: { readonly schemas?: Readonly<Record<string, SchemaLike>> };
}

const escaped = (text: unknown) => String(text).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
/** Escaped text with `code` set as such. */
const prose = (text: string) => escaped(text).replace(/`([^`]+)`/g, '<code>$1</code>');

function typeOf(schema: SchemaLike | undefined): string {
  if (schema === undefined) return 'any';
  if (schema.$ref !== undefined) {
    const name = schema.$ref.replace('#/components/schemas/', '');
    return `<a href="#schema-${escaped(name)}">${escaped(name)}</a>`;
  }
  const union = schema.anyOf ?? schema.oneOf;
  if (union !== undefined) return union.map(typeOf).join(' or ');
  if (schema.enum !== undefined) return schema.enum.map((value) => `<code>${escaped(value)}</code>`).join(' | ');
  const type = Array.isArray(schema.type) ? schema.type.join(' or ') : String(schema.type ?? 'any');
  if (type === 'array') return `list of ${typeOf(schema.items)}`;
  if (schema.properties !== undefined) return `{ ${Object.keys(schema.properties).map(escaped).join(', ')} }`;
  return escaped(schema.format === undefined ? type : `${type} (${schema.format})`);
}

function table(rows: readonly (readonly string[])[]): string {
  return `<table>${rows.map((row) => `<tr>${row.map((cell) => `<td>${cell}</td>`).join('')}</tr>`).join('')}</table>`;
}

function fields(schema: SchemaLike): string {
  const required = new Set(schema.required ?? []);
  return table(
    Object.entries(schema.properties ?? {}).map(([name, property]) => [
      `<code>${escaped(name)}</code>${required.has(name) ? '' : ' <i>optional</i>'}`,
      typeOf(property),
      prose(property.description ?? ''),
    ]),
  );
}

function operation(path: string, method: string, what: OperationLike): string {
  const parameters = (what.parameters ?? []).map(({ name, in: place, required, description, schema }) => [
    `<code>${escaped(name)}</code> <i>${escaped(place)}${required ? '' : ', optional'}</i>`,
    `${typeOf(schema)}${schema?.default === undefined ? '' : `, default <code>${escaped(JSON.stringify(schema.default))}</code>`}`,
    prose(description ?? ''),
  ]);
  const body = Object.entries(what.requestBody?.content ?? {});
  const fine = Object.entries(what.responses ?? {}).find(([status]) => status.startsWith('2'));
  const answer = Object.entries(fine?.[1].content ?? {});
  return `<article id="${escaped(what.operationId ?? path)}"><h3><span class="method ${escaped(method)}">${escaped(method.toUpperCase())}</span> <code>${escaped(path)}</code></h3>
<p>${prose(what.summary ?? '')}${what.description === undefined ? '' : `<br>${prose(what.description)}`}</p>
<p class="small">Needs: <b>${escaped(what['x-permission'] ?? '')}</b>${what.deprecated ? ' · original path, kept as an alias' : ''}</p>
${parameters.length === 0 ? '' : table(parameters)}
${body.map(([type, { schema }]) => `<p class="small">Body <code>${escaped(type)}</code>: ${typeOf(schema)}</p>${schema?.properties === undefined ? '' : fields(schema)}`).join('')}
<p class="small">Answer ${escaped(fine?.[0] ?? '')}: ${answer.map(([type, { schema }]) => `<code>${escaped(type)}</code> ${typeOf(schema)}`).join(', ') || 'nothing'}</p>
${answer.map(([, { schema }]) => (schema?.properties === undefined ? '' : fields(schema))).join('')}</article>`;
}

/** The API as a page for people, made of its document alone: no script, nothing from elsewhere. */
export function docsPage({ info, paths = {}, components }: DocumentLike): string {
  const tags = new Map<string, { path: string; method: string; what: OperationLike }[]>();
  for (const [path, methods] of Object.entries(paths)) {
    for (const [method, what] of Object.entries(methods)) {
      const tag = what.tags?.[0] ?? 'Other';
      tags.set(tag, [...(tags.get(tag) ?? []), { path, method, what }]);
    }
  }
  const anchor = (tag: string) => tag.replace(/\W+/g, '-').toLowerCase();
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escaped(info.title)}</title>
<style>
:root{color-scheme:light dark;--line:#8884;--soft:#8881}
body{font:16px/1.5 system-ui,sans-serif;margin:0 auto;max-width:1100px;padding:24px;display:grid;grid-template-columns:200px 1fr;gap:32px}
nav{position:sticky;top:24px;align-self:start;font-size:14px}nav a{display:block;padding:2px 0}
article{border-top:1px solid var(--line);padding:8px 0 16px}h1{margin:0}h3{font-size:16px;margin:8px 0}
code{font-size:14px}table{border-collapse:collapse;width:100%;font-size:14px;margin:4px 0 8px}td{border-bottom:1px solid var(--line);padding:4px 8px 4px 0;vertical-align:top}
.small{font-size:14px;margin:4px 0}.method{display:inline-block;min-width:56px;font-size:12px;font-weight:600;padding:2px 6px;background:var(--soft);border-radius:4px;text-align:center}
@media(max-width:800px){body{display:block}nav{position:static}}
</style>
<nav><b>${escaped(info.title)}</b> ${escaped(info.version)}<p><a href="/openapi.json">openapi.json</a></p>${[...tags.keys()].map((tag) => `<a href="#${anchor(tag)}">${escaped(tag)}</a>`).join('')}<a href="#schemas">Schemas</a></nav>
<main><h1>${escaped(info.title)}</h1>${(info.description ?? '')
    .split('\n\n')
    .map((part) => `<p>${prose(part)}</p>`)
    .join('')}
${[...tags].map(([tag, operations]) => `<section id="${anchor(tag)}"><h2>${escaped(tag)}</h2>${operations.map(({ path, method, what }) => operation(path, method, what)).join('')}</section>`).join('')}
<section id="schemas"><h2>Schemas</h2>${Object.entries(components?.schemas ?? {})
    .map(
      ([name, schema]) =>
        `<article id="schema-${escaped(name)}"><h3>${escaped(name)}</h3>${prose(schema.description ?? '')}${schema.properties === undefined ? `<p class="small">${typeOf(schema)}</p>` : fields(schema)}</article>`,
    )
    .join('')}</section></main></html>`;
}
