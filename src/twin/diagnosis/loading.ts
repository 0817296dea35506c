import { TwinergyError } from '../../core/index.js';

type DiagnoserClass = typeof import('./diagnoser.js')['Diagnoser'];

let loaded: DiagnoserClass | undefined;

/** The diagnosis, which is loaded when it is first wanted: pages that do not diagnose do not pay for it. */
export async function loadDiagnoser(): Promise<DiagnoserClass> {
  loaded ??= (await import('./diagnoser.js')).Diagnoser;
  return loaded;
}

/** The diagnosis where it has been loaded. @throws TwinergyError `TWIN_NOT_LOADED` */
export function loadedDiagnoser(): DiagnoserClass {
  if (loaded === undefined) {
    throw new TwinergyError('TWIN_NOT_LOADED', 'This state holds a diagnosis, which has not been loaded yet.', {
      path: 'diagnosis',
      hint: 'Take it up with: await DigitalTwin.load(state).',
    });
  }
  return loaded;
}
