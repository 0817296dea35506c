import { examplePlant, type PlantDescription } from 'twinergy';

/** The plants of the demonstration, on both sides of the globe, so that the sun always shines on one of them. */
export function demoPlants(): PlantDescription[] {
  const brisbane = examplePlant('home', 'solar-3');
  return [
    { ...examplePlant('home', 'solar-1'), name: 'House in Munich' },
    { ...examplePlant('roof', 'solar-2'), name: 'Office in Valencia' },
    {
      ...brisbane,
      name: 'House in Brisbane',
      site: { latitude: -27.47, longitude: 153.03, altitude: 30, timeZone: 'Australia/Brisbane' },
      arrays: brisbane.arrays.map((array) => ({ ...array, tilt: 25, azimuth: 0 })),
    },
  ];
}
