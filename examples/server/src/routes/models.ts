import { z } from '@hono/zod-openapi';
import { cardToMarkdown, ModelRegistry } from 'twinergy/monitor/registry';
import { id, iso, page, time } from '../http/common.js';
import type { Api } from '../http/endpoint.js';
import { notFound } from '../http/problem.js';

const modelSchema = z
  .object({
    name: z.string(),
    kind: z.string(),
    version: z.number().int().openapi({ description: 'The version in use, else the last one.' }),
    in_use: z.boolean(),
    versions: z.number().int().openapi({ description: 'Versions that are known.' }),
    made: time,
    purpose: z.string(),
    metrics: z.record(z.string(), z.number()),
  })
  .openapi('Model');

/** What the models are that judge a tenant's assets, and what a person should know of each. */
export function modelRoutes(api: Api): void {
  api.add({
    method: 'get',
    path: '/models',
    tag: 'Models',
    id: 'listModels',
    summary: 'The models that are kept, by name, with the version in use',
    needs: 'read',
    response: page(modelSchema),
    run: async ({ tenant }) => {
      const registry = new ModelRegistry(tenant.storage);
      const { rows } = await tenant.storage.list('models', { where: { kind: 'line' }, limit: 1000 });
      const lines = await Promise.all(rows.map(({ name }) => registry.line(name ?? '')));
      return {
        items: lines.flatMap((line) => {
          const shown = line?.versions.find(({ version }) => version === line.current) ?? line?.versions.at(-1);
          if (line === undefined || shown === undefined) return [];
          const { name, kind, version, metrics, card } = shown;
          const versions = line.versions.length;
          const in_use = version === line.current;
          return [{ name, kind, version, in_use, versions, made: iso(shown.time), purpose: card.purpose, metrics }];
        }),
        next: null,
      };
    },
  });
  api.add({
    method: 'get',
    path: '/models/{name}/card',
    tag: 'Models',
    id: 'getModelCard',
    summary: 'The card of a model: what it is for, what it learned from, how good it is, what it cannot do',
    needs: 'read',
    params: z.object({ name: id }),
    query: z.object({
      version: z.coerce.number().int().min(1).optional().openapi({ description: 'Default: the one in use.' }),
      format: z.enum(['json', 'markdown']).default('json'),
    }),
    response: z
      .object({
        name: z.string(),
        version: z.number().int(),
        kind: z.string(),
        purpose: z.string(),
        made: time,
        source: z.string().nullable(),
        measured: z.string().nullable(),
        metrics: z.record(z.string(), z.number()),
        limits: z.array(z.string()),
        options: z.record(z.string(), z.unknown()),
        data: z.unknown().openapi({ description: 'Rows, span, channels and fingerprint of the training data.' }),
      })
      .openapi('ModelCard'),
    produces: ['text/markdown'],
    run: async ({ tenant, params: { name }, query: { version, format } }) => {
      const registry = new ModelRegistry(tenant.storage);
      const line = await registry.line(name);
      if (line === undefined || (version !== undefined && !line.versions.some((known) => known.version === version)))
        return notFound(version === undefined ? `model "${name}"` : `version ${version} of model "${name}"`);
      const card = await registry.card(name, version);
      if (format === 'markdown')
        return new Response(cardToMarkdown(card), { headers: { 'content-type': 'text/markdown; charset=utf-8' } });
      return { ...card, made: iso(card.made), limits: [...card.limits] };
    },
  });
}
