import { escapeXml } from '@twinergy-examples/charts';
import { type Analysis, dayText } from './analyse.js';
import { NO_LIFE } from './numbers.js';
import { energy, forecast, health, tellingDays } from './pictures.js';
import { plant } from './plant.js';

const STYLE = `
:root{--page:#f6f7f8;--card:#fff;--text:#1b1f24;--text-muted:#5b6570;--line:#e2e5e9;--sun:#b35900;--expected:#0072b2;--forecast:#0072b2;--good:#00795a;--bad:#c0392b;--low:rgba(213,94,0,.28);--high:rgba(86,180,233,.32);--learned:rgba(110,120,130,.07)}
@media(prefers-color-scheme:dark){:root{--page:#14171a;--card:#1d2125;--text:#e8eaed;--text-muted:#a2abb5;--line:#33393f;--sun:#f0a030;--expected:#6bb8ea;--forecast:#6bb8ea;--good:#35c19a;--bad:#ff8a76;--low:rgba(230,120,40,.38);--high:rgba(86,180,233,.32);--learned:rgba(160,170,180,.07)}}
*{box-sizing:border-box}body{margin:0;background:var(--page);color:var(--text);font:14px/1.5 system-ui,sans-serif}
main{max-width:1220px;margin:0 auto;padding:32px 16px}h1{font-size:20px;margin:0}h2{font-size:16px;margin:0 0 8px}
.muted,dt,th{color:var(--text-muted);font-weight:400}.verdict{font-size:20px;margin:8px 0 24px;padding-left:12px;border-left:4px solid var(--good)}.verdict.bad{border-color:var(--bad)}
dl{display:grid;grid-template-columns:repeat(auto-fit,minmax(190px,1fr));gap:16px;margin:0 0 24px}dd{margin:0;font-size:32px;line-height:1.2;font-variant-numeric:tabular-nums}dd small{font-size:14px;color:var(--text-muted)}
section{background:var(--card);border:1px solid var(--line);border-radius:8px;padding:16px;margin:0 0 16px}.two{display:grid;grid-template-columns:repeat(auto-fit,minmax(340px,1fr));gap:16px}
svg{width:100%;height:auto;display:block}table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}td:first-child{white-space:nowrap}th,td{text-align:left;padding:6px 16px 6px 0;border-top:1px solid var(--line);vertical-align:top}tr:first-child>*{border-top:0}p{margin:8px 0 0}`;

function table(head: readonly string[], rows: readonly (readonly string[])[], empty: string): string {
  if (rows.length === 0) return `<p class="muted">${escapeXml(empty)}</p>`;
  const row = (cells: readonly string[], tag: string) =>
    `<tr>${cells.map((cell) => `<${tag}>${escapeXml(cell)}</${tag}>`).join('')}</tr>`;
  return `<table>${row(head, 'th')}${rows.map((cells) => row(cells, 'td')).join('')}</table>`;
}

function figures({ days, outlook, model }: Analysis): string {
  const sum = (of: 'energy' | 'expected') => days.reduce((total, day) => total + day[of], 0);
  const last = days.at(-1);
  const figure = (name: string, value: string, beside: string) =>
    `<div><dt>${name}</dt><dd>${value} <small>${beside}</small></dd></div>`;
  return `<dl>${[
    figure(
      `Energy in ${days.length} days`,
      (sum('energy') / 1000).toFixed(2),
      `MWh of ${(sum('expected') / 1000).toFixed(2)}`,
    ),
    figure('Last 7 days', (100 * (last?.weekRatio ?? 0)).toFixed(0), '% of expected'),
    figure('Health', (last?.health ?? 0).toFixed(0), `of 100, ${last?.label ?? 'unknown'}`),
    figure('Forecast, 6 h', `±${(outlook.backtest.mae / 1000).toFixed(2)}`, 'kW mean error'),
    figure('Model factor', model.factor.toFixed(2), 'of the description'),
  ].join('')}</dl>`;
}

/** The report as one HTML page that needs nothing beside it; light or dark as the reader's system is. */
export function report(analysis: Analysis): string {
  const { telemetry, quality, findings, alerts, outlook, model, judgedHours, verdict, well } = analysis;
  const from = dayText(telemetry.frame.time[0] as number);
  const to = dayText(telemetry.frame.time.at(-1) as number);
  const alertRows = alerts.map(({ severity, title, why, raisedAt, resolvedAt }) => [
    severity,
    title,
    why,
    dayText(raisedAt),
    resolvedAt === null ? 'stands' : dayText(resolvedAt),
  ]);
  const findingRows = findings.map(({ start, end, rows, missing, why }) => [
    dayText(start) === dayText(end) ? dayText(start) : `${dayText(start)} to ${dayText(end)}`,
    `${rows} h`,
    missing > 0 ? `${missing.toFixed(1)} kWh too little` : `${(-missing).toFixed(1)} kWh too much`,
    why,
  ]);
  const qualityRows = Object.entries(quality.flags).map(([channel, flags]) => [
    channel,
    Object.entries(flags)
      .map(([name, count]) => `${name} ${count}`)
      .join(', ') || 'nothing found',
  ]);
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>${escapeXml(plant.name ?? plant.id)}: report</title><style>${STYLE}</style></head>
<body><main>
<h1>${escapeXml(plant.name ?? plant.id)} <span class="muted">${from} to ${to}, 6 kW roof near Denver</span></h1>
<p class="verdict${well ? '' : ' bad'}">${escapeXml(verdict)}</p>
${figures(analysis)}
<section>${energy(analysis)}<p class="muted">Grey: what the models learned from. Orange: unusually little power for the sky; blue: unusually much, where the satellite saw clouds that were not over the roof.</p></section>
<section class="two">${tellingDays(analysis)
    .map((svg) => `<div>${svg}</div>`)
    .join('')}</section>
<section class="two"><div>${forecast(analysis)}<p class="muted">${dayText(outlook.from)}. ${outlook.backtest.count} forecasts tested: ${outlook.backtest.coverage80.toFixed(0)} % inside the 80 % band; error ${(100 * outlook.backtest.skill).toFixed(0)} % less than “as yesterday”.</p></div><div>${health(analysis)}</div></section>
<section><h2>Alerts</h2>${table(['Severity', 'What', 'Why', 'Raised', 'Ended'], alertRows, 'None was raised. The rules look at the energy of seven days against what the weather promised.')}</section>
<section><h2>Unusual hours</h2>${table(['When', 'Hours', 'Energy', 'Why'], findingRows, 'None.')}<p class="muted">${judgedHours} daylight hours after ${dayText(model.learnedUntil)} were judged, with a limit that 1 % of usual hours pass.</p></section>
<section><h2>Data</h2>${table(['Channel', 'Flagged rows'], qualityRows, 'No channel.')}<p class="muted">${escapeXml(telemetry.source)}: ${telemetry.frame.length} rows of 15 minutes; ${telemetry.repaired} repaired on reading, ${quality.setAside} power values kept from the models. ${escapeXml(quality.findings.join(' '))} The make of the modules and of the inverter is not known: the twin has library parts of that size, and a factor of ${model.factor.toFixed(3)}, the median of ${model.factorRows} clear rows of the first 60 %.</p></section>
<section><h2>Remaining life</h2><p class="muted">${NO_LIFE}</p></section>
</main></body></html>
`;
}
