import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  angleOfIncidence,
  clearSkyHaurwitz,
  currentAtVoltage,
  curvePoints,
  decomposeErbs,
  extraterrestrialRadiation,
  fitDatasheet,
  incidenceAngleModifierPhysical,
  inverterDatasheet,
  inverterSandia,
  limitAc,
  mapColumns,
  maximumPowerPoint,
  PvChain,
  PvNetwork,
  relativeAirmass,
  singleDiodeDeSoto,
  solarPosition,
  solarPositions,
  sunriseSunset,
  transformerOutput,
  transpose,
  voltageAtCurrent,
} from './index.js';

const golden = { latitude: 39.742476, longitude: -105.1786, altitude: 1830.14, pressure: 82_000, temperature: 11 };
const module = {
  alphaSc: 0.004539,
  aRef: 2.6373,
  photocurrentRef: 5.114,
  saturationCurrentRef: 8.196e-10,
  seriesResistance: 1.065,
  shuntResistanceRef: 381.68,
};
const inverter = {
  pAc0: 4160,
  pDc0: 4340.861328,
  vDc0: 380,
  pS0: 32.600666,
  c0: -4.666194e-6,
  c1: -6.2e-5,
  c2: 0.000324,
  c3: -0.00088,
  pNight: 1.248,
};

describe('the sun', () => {
  it('stands where the worked example of the SPA report says', () => {
    const position = solarPosition(Date.UTC(2003, 9, 17, 19, 30, 30), golden);
    expect(position.apparentZenith).toBeCloseTo(50.11162, 5);
    expect(position.azimuth).toBeCloseTo(194.34024, 5);
    expect(position.equationOfTime).toBeCloseTo(14.641503, 4);
  });

  it('stands at the same place in long series', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: Date.UTC(1990, 0, 1), max: Date.UTC(2050, 0, 1) }),
        fc.double({ min: -89, max: 89, noNaN: true }),
        fc.double({ min: -180, max: 180, noNaN: true }),
        (time, latitude, longitude) => {
          const site = { latitude, longitude };
          const one = solarPosition(time, site);
          const many = solarPositions(Float64Array.of(time), site);
          expect(Math.abs((many.zenith[0] as number) - one.zenith)).toBeLessThan(5e-7);
        },
      ),
      { numRuns: 60, seed: 1 },
    );
  });

  it('rises and sets at -0.8333 degrees', () => {
    const { sunrise, sunset, transit } = sunriseSunset(Date.UTC(2024, 5, 21), golden);
    for (const time of [sunrise, sunset])
      expect(solarPosition(time, { ...golden, altitude: 0 }).elevation).toBeCloseTo(-0.8333, 4);
    expect(solarPosition(transit, golden).azimuth).toBeCloseTo(180, 2);
    expect(sunriseSunset(Date.UTC(2024, 11, 21), { latitude: 80, longitude: 0 }).sunrise).toBeNaN();
  });
});

describe('light', () => {
  it('has known values', () => {
    expect(extraterrestrialRadiation(1)).toBeCloseTo(1413.981805, 6);
    expect(relativeAirmass(0)).toBeCloseTo(0.9997119918558381, 12);
    expect(relativeAirmass(91)).toBeNaN();
    expect(clearSkyHaurwitz(0)).toBeCloseTo(1035.0920325344955, 9);
    expect(incidenceAngleModifierPhysical(0)).toBe(1);
    expect(incidenceAngleModifierPhysical(90)).toBe(0);
  });

  it('is kept when it is split: ghi = dhi + dni cos z', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1300, noNaN: true }),
        fc.double({ min: 0, max: 86.9, noNaN: true }),
        (ghi, z) => {
          const { dni, dhi } = decomposeErbs(ghi, z, 100);
          expect(dhi + dni * Math.cos((z * Math.PI) / 180)).toBeCloseTo(ghi, 8);
        },
      ),
    );
  });

  it('on a flat plane is the global one, by every model', () => {
    const plane = { surfaceTilt: 0, surfaceAzimuth: 0, solarZenith: 40, solarAzimuth: 120 };
    const light = {
      dni: 700,
      dhi: 100,
      ghi: 700 * Math.cos((40 * Math.PI) / 180) + 100,
      extraterrestrial: 1360,
      airmass: 1.3,
    };
    for (const model of ['isotropic', 'hay-davies', 'perez'] as const)
      expect(transpose(plane, light, { model }).global).toBeCloseTo(light.ghi, 8);
    expect(angleOfIncidence(plane)).toBeCloseTo(40, 10);
  });

  it('comes in columns', () => {
    const airmass = mapColumns((z: number) => relativeAirmass(z), Float64Array.of(0, 60));
    expect(airmass[1]).toBe(relativeAirmass(60));
    const { dni } = mapColumns(decomposeErbs, Float64Array.of(500, 800), 30, 100);
    expect(dni[1]).toBe(decomposeErbs(800, 30, 100).dni);
    expect(() => mapColumns(decomposeErbs, Float64Array.of(1), Float64Array.of(1, 2), 3)).toThrow(/one length/);
  });
});

describe('the diode', () => {
  const circuit = fc
    .tuple(fc.double({ min: 1, max: 1400, noNaN: true }), fc.double({ min: -30, max: 90, noNaN: true }))
    .map(([light, temperature]) => singleDiodeDeSoto(module, light, temperature));

  it('gives most power at its maximum power point', () => {
    fc.assert(
      fc.property(circuit, fc.double({ min: -0.2, max: 0.2, noNaN: true }), (diode, off) => {
        const { voltage, power } = maximumPowerPoint(diode);
        const other = voltage * (1 + off);
        expect(other * currentAtVoltage(diode, other)).toBeLessThanOrEqual(power * (1 + 1e-12));
      }),
    );
  });

  it('goes from voltage to current and back', () => {
    fc.assert(
      fc.property(circuit, fc.double({ min: 0, max: 0.99, noNaN: true }), (diode, part) => {
        const voltage = curvePoints(diode).vOc * part;
        expect(voltageAtCurrent(diode, currentAtVoltage(diode, voltage))).toBeCloseTo(voltage, 7);
      }),
    );
  });

  it('is found again from its data sheet', () => {
    const { iSc, vOc, iMp, vMp } = curvePoints(singleDiodeDeSoto(module, 1000, 25));
    const betaVoc = (curvePoints(singleDiodeDeSoto(module, 1000, 27)).vOc - vOc) / 2;
    const found = fitDatasheet({ iSc, vOc, iMp, vMp, alphaSc: module.alphaSc, betaVoc, cellsInSeries: 96 });
    expect(found.aRef).toBeCloseTo(module.aRef, 8);
    expect(found.seriesResistance).toBeCloseTo(module.seriesResistance, 8);
    expect(() =>
      fitDatasheet({ iSc: 9, vOc: 40, iMp: 9.5, vMp: 33, alphaSc: 0.004, betaVoc: -0.1, cellsInSeries: 60 }),
    ).toThrow(/iMp .* below iSc/);
  });
});

describe('a network', () => {
  const group = (light: number, temperature = 45) => {
    const d = singleDiodeDeSoto(module, light, temperature);
    return {
      ...d,
      seriesResistance: d.seriesResistance / 3,
      shuntResistance: d.shuntResistance / 3,
      nNsVth: d.nNsVth / 3,
    };
  };

  it('of equal groups is one group times their number, by both paths', () => {
    const one = maximumPowerPoint(group(800));
    const fast = new PvNetwork([{ groups: [{ diode: group(800), count: 60 }], count: 20 }]).powerPoint();
    const slow = new PvNetwork([
      { groups: [{ diode: group(800), count: 60 }], count: 20, resistance: 1e-12 },
    ]).powerPoint();
    expect(fast.power).toBeCloseTo(one.power * 1200, 6);
    expect(slow.power / fast.power).toBeCloseTo(1, 9);
  });

  it('loses a broken string', () => {
    const groups = [{ diode: group(800), count: 60 }];
    const whole = new PvNetwork([{ groups, count: 4 }]).powerPoint();
    const broken = new PvNetwork([
      { groups, count: 3 },
      { groups, open: true },
    ]).powerPoint();
    expect(broken.power / whole.power).toBeCloseTo(0.75, 9);
    expect(broken.stringCurrents[1]).toBe(0);
  });

  it('is not beaten by a dense scan, and gives no more than its groups one by one', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 20, max: 1000 }), fc.integer({ min: 1, max: 30 })), {
          minLength: 1,
          maxLength: 4,
        }),
        (shades) => {
          const strings = shades.map(([light, count]) => ({
            groups: [
              { diode: group(light), count },
              { diode: group(900), count: 60 - count },
            ],
          }));
          const network = new PvNetwork(strings);
          const { power } = network.powerPoint();
          let scan = 0;
          for (let voltage = 5; voltage < 1300; voltage += 5) scan = Math.max(scan, voltage * network.current(voltage));
          expect(power).toBeGreaterThan(scan * 0.9998);
          const apart = strings
            .flatMap((string) => string.groups)
            .reduce((sum, { diode, count }) => sum + count * maximumPowerPoint(diode).power, 0);
          expect(power).toBeLessThanOrEqual(apart * (1 + 1e-9));
        },
      ),
      { numRuns: 12, seed: 3 },
    );
  });
});

describe('the AC side', () => {
  it('never gives more than it takes', () => {
    const sheet = {
      pAc0: 5000,
      efficiency: [
        [0.05, 0.9],
        [0.2, 0.96],
        [0.5, 0.975],
        [1, 0.968],
      ] as const,
    };
    fc.assert(
      fc.property(fc.double({ min: 0, max: 9000, noNaN: true }), (dc) => {
        const ac = inverterDatasheet(sheet, dc);
        expect(ac).toBeLessThanOrEqual(Math.min(dc, 5000));
        const out = transformerOutput({ rating: 5000, noLoad: 0.001, fullLoad: 0.01 }, ac);
        expect(out + 5 + (0.01 * out * out) / 5000).toBeCloseTo(ac, 6);
        const { power, clipped, curtailed } = limitAc(dc, { rating: 6000, curtailment: 4000 });
        expect(power + clipped + curtailed).toBeCloseTo(dc, 9);
      }),
    );
    expect(inverterDatasheet(sheet, 2500 / 0.975)).toBeCloseTo(2500, 9);
    expect(() => inverterDatasheet({ pAc0: 1, efficiency: [[0.5, 1.2]] }, 1)).toThrow(/efficiencies lie in/);
    expect(inverterSandia(inverter, 380, 20)).toBe(-1.248);
  });
});

describe('the chain', () => {
  const chain = new PvChain({
    site: golden,
    surfaceTilt: 30,
    surfaceAzimuth: 180,
    module,
    modulesPerString: 8,
    strings: 3,
    inverter,
  });
  const time = Float64Array.from({ length: 1440 }, (_, k) => Date.UTC(2024, 2, 20) + k * 60_000);
  const weather = { airTemperature: new Float64Array(1440).fill(15), windSpeed: new Float64Array(1440).fill(2) };

  it('repeats to the bit, and is the functions one after the other', () => {
    const first = chain.run(time, weather);
    expect(chain.run(time, weather)).toEqual(first);
    const noon = first.poa.indexOf(Math.max(...first.poa));
    const point = maximumPowerPoint(
      singleDiodeDeSoto(module, first.poa[noon] as number, first.cellTemperature[noon] as number),
    );
    expect((first.vMp[noon] as number) / (8 * point.voltage)).toBeCloseTo(1, 8);
    expect((first.pDc[noon] as number) / (24 * point.power)).toBeCloseTo(1, 11);
  });

  it('refuses columns of another length', () => {
    expect(() => chain.run(time, { ...weather, windSpeed: new Float64Array(3) })).toThrow(/1440 rows/);
  });
});
