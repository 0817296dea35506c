/** What of a plant's resolved description decides where things stand. Angles in degrees, azimuth clockwise from north. */
export interface PlantShape {
  readonly site: {
    readonly latitude: number;
    readonly longitude: number;
    readonly altitude: number;
    readonly timeZone: string;
  };
  readonly arrays: readonly ArrayShape[];
  readonly strings: readonly { readonly id: string; readonly array: number }[];
  readonly inverters: readonly { readonly id: string; readonly acRating: number; readonly arrays: readonly number[] }[];
  readonly battery?: { readonly capacity: number; readonly cellsInSeries: number } | undefined;
}

/** The plane of an array and what hangs on it. */
export interface ArrayShape {
  readonly id: string;
  readonly tilt: number;
  readonly azimuth: number;
  readonly tracker?: TrackerShape | undefined;
  readonly modulesPerString: number;
  /** Faiman's wind coefficient: 0 where no air passes behind the modules, which is on a roof. */
  readonly u1: number;
  /** Indices of its strings. */
  readonly strings: readonly number[];
}

/** A single-axis tracker. */
export interface TrackerShape {
  readonly axisTilt: number;
  readonly axisAzimuth: number;
  readonly maxAngle: number;
  readonly groundCoverageRatio: number;
  readonly backtrack: boolean;
}

/** Whether the API's resolved description is one of a solar plant; a pump, for one, has no rows of modules. */
export function isPlantShape(resolved: object): resolved is PlantShape {
  return (
    'site' in resolved &&
    'arrays' in resolved &&
    Array.isArray(resolved.arrays) &&
    'strings' in resolved &&
    Array.isArray(resolved.strings) &&
    'inverters' in resolved &&
    Array.isArray(resolved.inverters)
  );
}
