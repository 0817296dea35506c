import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readConfig } from './config.js';

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');

describe('settings', () => {
  it('are all in the example of an environment file', () => {
    const named = [...read('./config.ts').matchAll(/environment\.([A-Z][A-Z_]+)|'((?:TWINERGY|OTEL)_[A-Z_]+)'/g)].map(
      ([, property, text]) => property ?? text ?? '',
    );
    expect(named.length).toBeGreaterThan(20);
    const example = read('../.env.example');
    // Answers are only checked against the document in tests.
    const missing = [...new Set(named)].filter((name) => name !== 'TWINERGY_STRICT' && !example.includes(name));
    expect(missing).toEqual([]);
  });

  it('leave out what is not asked for: Redis, traces, an identity provider', () => {
    const config = readConfig([], {});
    expect(config).toMatchObject({ redis: undefined, telemetry: {}, oidc: undefined, host: '127.0.0.1' });
    expect(readConfig([], { TWINERGY_OIDC_ISSUER: 'https://a', TWINERGY_OIDC_AUDIENCE: 'b' }).oidc).toEqual({
      issuer: 'https://a',
      audience: 'b',
    });
    expect(readConfig([], { OTEL_SERVICE_NAME: 'plants', PATH: '/bin' }).telemetry).toEqual({
      OTEL_SERVICE_NAME: 'plants',
    });
  });
});
