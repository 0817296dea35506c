import type { TelemetryQuery, TenantStorage } from '../contract.js';

/**
 * Telemetry of one asset as CSV, rows and archive together, in pieces of at most `chunk` rows (default 10,000); the header is
 * the first line of the first piece. Values are written so that they read back bit for bit; what was not measured is empty.
 */
export async function* telemetryCsv(
  tenant: TenantStorage,
  query: Omit<TelemetryQuery, 'last'> & { readonly chunk?: number },
): AsyncIterable<string> {
  let first = true;
  for await (const frame of tenant.stream(query)) {
    const text = frame.toCsv();
    yield first ? text : text.slice(text.indexOf('\n') + 1);
    first = false;
  }
}
