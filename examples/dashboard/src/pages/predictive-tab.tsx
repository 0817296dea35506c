import { PowerChart } from '../parts/power-chart.js';
import { Anomalies } from '../predictive/anomalies.js';
import { ForecastAccuracy } from '../predictive/forecast-accuracy.js';
import { HealthParts } from '../predictive/health-parts.js';
import { LossWaterfall } from '../predictive/loss-waterfall.js';
import { RemainingLife } from '../predictive/remaining-life.js';
import { WhatIf } from '../predictive/what-if.js';
import { useAsset } from '../shell/plant-frame.js';
import { untilNow } from '../shell/time-range.js';

const HALF_DAY = untilNow('12h', 12 * 3_600_000);

/** PredictiveTab: what lies ahead of a plant, why we think so, and what could be done about it. */
export default function PredictiveTab({ id }: { readonly id: string }) {
  const timeZone = useAsset(id)?.zone ?? 'UTC';
  return (
    <>
      <section className="card">
        <PowerChart id={id} stretch={HALF_DAY} timeZone={timeZone} />
      </section>
      <div className="columns halves">
        <ForecastAccuracy id={id} />
        <RemainingLife id={id} timeZone={timeZone} />
      </div>
      <WhatIf id={id} />
      <div className="columns halves">
        <Anomalies id={id} timeZone={timeZone} />
        <HealthParts id={id} timeZone={timeZone} />
      </div>
      <LossWaterfall id={id} />
    </>
  );
}
