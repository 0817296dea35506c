// What a user would do first, with the names of the package's root; returns a digest of what the twin, the health score and
// the random numbers gave, which is the same to the bit in every runtime. (Scores of detectors pass through the runtime's
// own logarithm, and may differ in the last bit.)
export function story({
  AlertEngine,
  AnomalyDetector,
  DigitalTwin,
  examplePlant,
  HealthScoreCalculator,
  Random,
  solarRules,
}) {
  const twin = new DigitalTwin(examplePlant('home'));
  const from = Date.UTC(2026, 5, 1);
  const sound = twin.simulate({ from, days: 4, step: '15m', seed: 1 }).telemetry;
  const faulty = twin.simulate({
    from,
    days: 2,
    step: '15m',
    seed: 2,
    faults: [{ id: 'string-open', severity: 1 }],
  }).telemetry;
  const residuals = (telemetry) => {
    const frame = twin.assimilate(telemetry);
    return frame.select(...frame.names.filter((name) => name.endsWith('.residual')));
  };
  const detector = new AnomalyDetector({ engine: 'pca', falseAlarmRate: 0.01, seed: 1 }).fit(residuals(sound));
  const { anomalous } = detector.score(residuals(faulty));
  if (!anomalous.includes(1)) throw new Error('The open string was not found.');

  const engine = new AlertEngine({ rules: solarRules() });
  engine.evaluate({ assetId: 'home', time: from, values: { temperature: 72 } });
  if (engine.open()[0]?.severity !== 'CRITICAL') throw new Error('The hot inverter raised no alert.');

  const health = new HealthScoreCalculator().calculate({ powerRatio: 0.8, temperature: 72 });
  const random = new Random(7);
  const draws = Float64Array.from({ length: 100 }, () => random.normal());
  return digest([faulty.column('acPower'), faulty.column('battery.voltage'), Float64Array.of(health.score), draws]);
}

/** FNV-1a over the bytes of the arrays. */
function digest(arrays) {
  let hash = 0x811c9dc5;
  for (const array of arrays) {
    for (const byte of new Uint8Array(array.buffer, array.byteOffset, array.byteLength))
      hash = Math.imul(hash ^ byte, 0x01000193);
  }
  return (hash >>> 0).toString(16);
}
