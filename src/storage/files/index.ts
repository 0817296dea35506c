export { telemetryCsv } from './csv.js';
export { type ParquetExportOptions, telemetryParquet } from './parquet.js';
