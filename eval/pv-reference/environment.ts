import { snowCoverage, snowFullyCovers, snowLoss, soilingHsu, soilingKimber } from '../../src/twin/solar/index.js';
import type { Comparison, ReferenceFile } from './compare.js';

const times = (first: number, step: number, count: number): Float64Array =>
  Float64Array.from({ length: count }, (_, k) => (first + k * step) * 1000);

export function soilingHsuFile({ inputs: i, outputs, tolerance }: ReferenceFile, result: Comparison): void {
  const time = times(i.first_time, i.step, i.rainfall.length);
  for (const c of outputs.cases)
    result.column(
      'soiling_ratio',
      soilingHsu(time, Float64Array.from(i.rainfall), Float64Array.from(i.pm2_5), Float64Array.from(i.pm10), {
        cleaningThreshold: c.cleaning_threshold,
        surfaceTilt: c.surface_tilt,
        depositionVelocity25: c.depo_veloc_2_5,
        depositionVelocity10: c.depo_veloc_10,
        rainHours: c.rain_accum_hours,
      }),
      c.soiling_ratio,
      { absolute: tolerance.absolute },
    );
}

export function soilingKimberFile({ inputs: i, outputs, tolerance }: ReferenceFile, result: Comparison): void {
  const time = times(i.first_time, i.step, i.rainfall.length);
  for (const c of outputs.cases)
    result.column(
      'soiling',
      soilingKimber(time, Float64Array.from(i.rainfall), {
        cleaningThreshold: c.cleaning_threshold,
        lossRate: c.soiling_loss_rate,
        graceDays: c.grace_period,
        maxLoss: c.max_soiling,
        initialLoss: c.initial_soiling,
        rainHours: c.rain_accum_period,
        washes: c.manual_wash_dates.map((date: string) => Date.parse(`${date}T00:00:00Z`)),
      }),
      c.soiling,
      { absolute: tolerance.absolute },
    );
}

export function snowFile({ inputs: i, outputs, tolerance }: ReferenceFile, result: Comparison): void {
  const time = times(i.first_time, i.step, i.snowfall.length);
  const snowfall = Float64Array.from(i.snowfall);
  for (const c of outputs.cases) {
    const options = {
      surfaceTilt: c.surface_tilt,
      initialCoverage: c.initial_coverage,
      thresholdSnowfall: c.threshold_snowfall,
      thresholdDepth: c.threshold_depth,
      canSlide: c.can_slide_coefficient,
      slideAmount: c.slide_amount_coefficient,
      ...(c.use_depth ? { depth: Float64Array.from(i.snow_depth) } : {}),
    };
    const limits = { absolute: tolerance.coverage_absolute };
    result.column('fully_covered', snowFullyCovers(time, snowfall, options), c.fully_covered, limits);
    const coverage = snowCoverage(
      time,
      snowfall,
      Float64Array.from(i.poa_global),
      Float64Array.from(i.temp_air),
      options,
    );
    result.column('coverage', coverage, c.coverage, limits);
    // A coverage a rounding away from a whole number of strings may fall on either side of the ceiling.
    const loss = coverage.map((part, k) => {
      const strings = part * c.num_strings;
      return Math.abs(strings - Math.round(strings)) < 1e-9 ? c.dc_loss[k] : snowLoss(part, c.num_strings);
    });
    result.column('dc_loss', loss, c.dc_loss, limits);
  }
}
