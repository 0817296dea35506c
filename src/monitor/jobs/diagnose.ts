import type { WorkOptions } from '../../core/index.js';
import { DigitalTwin, type DigitalTwinState, type Finding } from '../../twin/index.js';
import { frameOf, type PlainFrame } from '../learning/plain-frame.js';

/** What a job of kind `diagnose` is given. */
export interface DiagnosePayload {
  /** The twin as `toJSON` writes it. Where it has learned no baseline yet, it learns `sound` first. */
  readonly twin: DigitalTwinState;
  readonly telemetry: PlainFrame;
  /** Sound operation that the twin makes up for its baseline: from when (ms since the epoch), how many days, by what step. */
  readonly sound: { readonly from: number; readonly days: number; readonly step: string; readonly seed: number };
}

/** What it gives. */
export interface DiagnoseResult {
  readonly findings: readonly Finding[];
  /** The twin with its baseline: the next job that is given it need not learn. */
  readonly twin: DigitalTwinState;
}

/** What is wrong with a plant by its telemetry, judged by a baseline that its twin makes up. */
export async function diagnoseTwin(
  { twin: state, telemetry, sound }: DiagnosePayload,
  { signal }: WorkOptions,
): Promise<DiagnoseResult> {
  const twin = await DigitalTwin.load(state);
  if (state.diagnosis == null)
    await twin.learnBaseline((await twin.simulateAsync({ ...sound, ...(signal && { signal }) })).telemetry);
  return { findings: twin.diagnose({ telemetry: frameOf(telemetry) }), twin: twin.toJSON() };
}
