import { readFileSync } from 'node:fs';
import { chainSystem, chainWeather } from '../eval/pv-reference/chain.js';
import { PvChain } from '../src/twin/solar/index.js';

const file = JSON.parse(readFileSync('../shared/reference/pv/chain_year_saint_pierre_reunion.json', 'utf8'));
const { time, weather } = chainWeather(file.inputs.system, 60, 525600);
const chain = new PvChain(chainSystem(file.inputs.system, 'hay-davies'));
const columns = PvChain.columns(time.length);
for (let r = 0; r < 12; r++) {
  const t = performance.now();
  chain.run(time, weather, columns);
  console.log((performance.now() - t).toFixed(1));
}
const kwh = columns.pAc.reduce((a, b) => a + b, 0) / 60 / 1000;
console.log(kwh, kwh / 8639.698118276827 - 1);
