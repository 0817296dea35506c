import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { TwinergyError } from 'twinergy';
import { load } from './load.js';
import { run } from './run.js';

const USUAL_DATA = fileURLToPath(new URL('../../../../shared/data/pvanalytics', import.meta.url));

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { data: { type: 'string' }, out: { type: 'string' } } });
  const out = resolve(values.out ?? 'quickstart-report');
  const telemetry = load(resolve(values.data ?? USUAL_DATA), values.data !== undefined);
  if (telemetry.made) console.log('There is no folder of measurements here: the twin makes the telemetry up.');
  const { analysis, storedRows } = await run(telemetry, out);
  const { quality, model, findings, judgedHours, days, outlook, alerts, verdict } = analysis;
  const flagged = Object.values(quality.flags).reduce(
    (sum, flags) => sum + Object.values(flags).reduce((count, rows) => count + rows, 0),
    0,
  );
  const last = days.at(-1);
  console.log(`${verdict}

Read       ${telemetry.frame.length} rows of 15 minutes, ${telemetry.repaired} repaired
Check      ${flagged} values flagged, ${quality.setAside} power values kept from the models
Model      twin × ${model.factor.toFixed(3)} (median of ${model.factorRows} clear rows)
Detect     ${findings.length} unusual stretches in ${judgedHours} daylight hours
Forecast   6 h: mean error ${outlook.backtest.mae.toFixed(0)} W, ${outlook.backtest.coverage80.toFixed(0)} % inside the 80 % band
Health     ${last?.health.toFixed(0)} of 100 (${last?.label})
Alerts     ${alerts.length} raised, ${alerts.filter(({ resolvedAt }) => resolvedAt === null).length} standing
Stored     ${storedRows} rows in ${resolve(out, 'plant.db')}
Report     ${resolve(out, 'report.html')}`);
}

main().catch((error: unknown) => {
  const known = error instanceof TwinergyError || (error instanceof TypeError && 'code' in error);
  if (!known) throw error;
  console.error(`${error.code}: ${error.message}`);
  process.exitCode = 1;
});
