// Makes the pictures of docs/maintenance.md: npx tsx docs/pictures/maintenance.ts
import { writeFileSync } from 'node:fs';
import { escapeXml } from '../../examples/charts/src/index.js';
import { type PlannedJob, planMaintenance, weibullLife } from '../../src/monitor/planner/index.js';

const DAY = 86_400_000;
const NOW = Date.UTC(2026, 5, 1, 6);
const HORIZON = 28;
const life = (median: number) => weibullLife(3, median / Math.LN2 ** (1 / 3));
const plan = planMaintenance({
  now: NOW,
  jobs: [
    {
      id: 'fan',
      assetId: 'roof',
      task: 'Replace the fan',
      plannedCost: 180,
      failureCost: 1400,
      life: life(90),
      renewedCostRate: 2.5,
      lossPerDay: 0.3,
    },
    { id: 'contacts', assetId: 'roof', task: 'Tighten contacts', plannedCost: 90, lossPerDay: 4 },
    {
      id: 'contactor',
      assetId: 'barn',
      task: 'Replace the contactor',
      plannedCost: 240,
      failureCost: 2600,
      life: life(25),
      lossPerDay: 1,
      partsLeadDays: 6,
    },
    { id: 'sensor', assetId: 'barn', task: 'Clean the sensor', plannedCost: 20, lossPerDay: 0.6 },
    { id: 'string', assetId: 'depot', task: 'Mend string 3', plannedCost: 60, lossPerDay: 9, partsLeadDays: 2 },
  ],
  crews: [{ id: 'North', people: 2, skills: ['electrical'] }],
  work: { site: { latitude: 48.1, longitude: 11.6 }, timeZone: 'Europe/Berlin' },
  visitCost: 150,
});

const [WIDTH, ROW, LEFT, TOP] = [800, 34, 190, 64];
const COLOURS: Readonly<Record<string, string>> = { roof: '#0969da', barn: '#9a6700', depot: '#1a7f37' };
const x = (time: number) => LEFT + ((time - NOW) / (HORIZON * DAY)) * (WIDTH - LEFT - 16);
const jobs = [...plan.planned].sort((a, b) => a.start - b.start);
const height = TOP + ROW * jobs.length + 16;
const days = Array.from({ length: HORIZON / 7 + 1 }, (_, week) => {
  const at = NOW + week * 7 * DAY;
  const label = new Date(at).toLocaleDateString('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' });
  return `<line x1="${x(at)}" x2="${x(at)}" y1="${TOP - 8}" y2="${height - 12}" stroke="#d0d7de"/><text x="${x(at)}" y="${TOP - 14}" text-anchor="middle">${label}</text>`;
});
const rows = jobs.map((planned: PlannedJob, i) => {
  const { job, start, end, cost, costNow, costLater } = planned;
  const y = TOP + i * ROW;
  const from = x(start);
  const round = (value: number) => value.toFixed(0);
  const said = `${round(cost)} € (now ${round(costNow)} €, 30 days later ${round(costLater)} €)`;
  const right = from > WIDTH - 330;
  return `<text x="16" y="${y + 17}">${escapeXml(`${job.assetId}: ${job.task}`)}</text><rect x="${from.toFixed(1)}" y="${y + 4}" width="${Math.max(6, x(end) - from).toFixed(1)}" height="18" rx="3" fill="${COLOURS[job.assetId] ?? '#57606a'}"/><text x="${(right ? from - 6 : Math.max(from + 6, x(end)) + 6).toFixed(1)}" y="${y + 17}" text-anchor="${right ? 'end' : 'start'}" fill="#57606a">${said}</text>`;
});
writeFileSync(
  new URL('./maintenance-plan.svg', import.meta.url),
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="system-ui, sans-serif" font-size="12" fill="#24292f"><title>A maintenance plan of four weeks</title><rect width="${WIDTH}" height="${height}" fill="#fff"/><text x="16" y="24" font-size="14" font-weight="600">What is done when, and what it costs against now and later</text>${days.join('')}${rows.join('')}</svg>\n`,
);
