import { type Logger, pino } from 'pino';

/** How the log looks: plain JSON, or JSON by the Elastic Common Schema, so that Elasticsearch takes it as it is. */
export interface LogOptions {
  readonly level: string;
  readonly format: 'json' | 'ecs';
}

/** A structured log on standard error, which standard output is kept free of. Secrets never get into it. */
export function createLog({ level, format }: LogOptions): Logger {
  const redact = {
    paths: [
      'authorization',
      'cookie',
      'password',
      'token',
      'secret',
      '*.authorization',
      '*.cookie',
      '*.password',
      '*.token',
      '*.secret',
    ],
    censor: '[secret]',
  };
  if (format === 'json') return pino({ level, redact, base: { service: 'twinergy' } }, pino.destination(2));
  return pino(
    {
      level,
      redact,
      base: { 'service.name': 'twinergy', 'ecs.version': '8.11.0', 'process.pid': process.pid },
      messageKey: 'message',
      timestamp: () => `,"@timestamp":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ 'log.level': label }) },
    },
    pino.destination(2),
  );
}

/** A request as a line of the log. */
export function requestLine(
  format: 'json' | 'ecs',
  {
    id,
    method,
    path,
    status,
    ms,
    who,
    client,
    trace,
  }: {
    id: string;
    method: string;
    path: string;
    status: number;
    ms: number;
    who: string | null;
    client: string;
    trace: string | undefined;
  },
): Record<string, unknown> {
  return format === 'json'
    ? { request_id: id, method, path, status, ms, who, client, ...(trace !== undefined && { trace_id: trace }) }
    : {
        'http.request.id': id,
        'http.request.method': method,
        'url.path': path,
        'http.response.status_code': status,
        'event.duration': Math.round(ms * 1e6),
        'user.name': who,
        'client.address': client,
        ...(trace !== undefined && { 'trace.id': trace }),
      };
}

/** A request that failed by a fault of the server, as a line of the log. */
export function failureLine(format: 'json' | 'ecs', error: unknown, id: string, path: string): Record<string, unknown> {
  if (format === 'json') return { err: error, request_id: id, path };
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
  return {
    'http.request.id': id,
    'url.path': path,
    'error.type': name,
    'error.message': message,
    'error.stack_trace': stack,
  };
}
