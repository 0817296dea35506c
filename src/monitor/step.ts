import type { ActionEvent, AlertChange } from '../alerts/index.js';
import type { Reading } from '../core/index.js';
import type { AssetMonitor } from './asset-monitor.js';
import type { AssetOutcome } from './asset-state.js';
import type { Rejection } from './validate.js';

/** What is done and stored in one transaction. */
export class Step {
  /** Readings to be stored. */
  readonly taken: Reading[] = [];
  readonly rejected: Rejection[] = [];
  /** Outcomes of new readings, and of late ones at their own time. */
  readonly outcomes: AssetOutcome[] = [];
  readonly revised: AssetOutcome[] = [];
  readonly changes: AlertChange[] = [];
  /** What became of actions that alerts trigger. */
  readonly actions: ActionEvent[] = [];
  /** Assets of which something changed, and those of which the daily figures did. */
  readonly touched = new Set<AssetMonitor>();
  readonly dailyChanged = new Set<AssetMonitor>();
  /** Outcomes whose health says something new. */
  readonly healthNews = new Set<AssetOutcome>();
  duplicates = 0;
}
