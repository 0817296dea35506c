import { Frame, type MonitorEvents, requestWork, TypedEvents, type WorkOptions } from 'twinergy';
import type { DigitalTwinState } from 'twinergy/twin';
import { keep } from './kept.js';
import type { DemoConfig, PlainFrame, PlantTasks, PostedEvent, PostedState } from './worker/messages.js';

/** A frame of posted data. */
export function frameOf({ time, columns }: PlainFrame): Frame {
  return new Frame(time, columns);
}

function isPosted(message: unknown): message is PostedEvent | PostedState {
  if (typeof message !== 'object' || message === null || !('kind' in message)) return false;
  return message.kind === 'monitor-event' || message.kind === 'plant-state';
}

/** The plant in its worker, as the page sees it: a source of monitor events for the hooks, and what can be asked of it. */
export class PlantClient extends TypedEvents<MonitorEvents> {
  readonly #worker: Worker;
  #alerts: readonly MonitorEvents['alert'][] = [];

  constructor() {
    super();
    this.#worker = new Worker(new URL('./worker/plant.ts', import.meta.url), { type: 'module', name: 'plant' });
    this.#worker.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
      if (!isPosted(data)) return;
      if (data.kind === 'monitor-event') this.#tell(data);
      else keep(data);
    });
  }

  #tell({ name, payload }: PostedEvent): void {
    if (name === 'forecast') {
      const { assetId, forecast } = payload as { assetId: string; forecast: PlainFrame };
      this.emit('forecast', { assetId, forecast: frameOf(forecast) });
      return;
    }
    // The worker posts what the monitor told under the same name.
    this.emit(name, payload as never);
  }

  openAlerts(): readonly MonitorEvents['alert'][] {
    return this.#alerts;
  }

  begin(config: DemoConfig, kept: DigitalTwinState | null) {
    return this.#ask('begin', { config, kept });
  }

  /** The last days as the database has them. */
  async recent(): Promise<Frame> {
    return frameOf(await this.#ask('recent', null));
  }

  async watch(): Promise<void> {
    this.#alerts = (await this.#ask('watch', null)).alerts;
  }

  async learn(work: WorkOptions): Promise<void> {
    await this.#ask('learn', null, work);
  }

  async setFaults(faults: DemoConfig['faults']): Promise<void> {
    await this.#ask('setFaults', faults);
  }

  async setSpeed(speed: number): Promise<void> {
    await this.#ask('setSpeed', speed);
  }

  async acknowledge(alertId: string): Promise<void> {
    await this.#ask('acknowledge', alertId);
  }

  async forecast(work: WorkOptions = {}): Promise<Frame> {
    return frameOf(await this.#ask('forecast', null, work));
  }

  async year(work: WorkOptions = {}): Promise<Frame> {
    return frameOf(await this.#ask('year', null, work));
  }

  kept() {
    return this.#ask('kept', null);
  }

  async forget(): Promise<void> {
    await this.#ask('forget', null);
  }

  #ask<Name extends keyof PlantTasks & string>(
    task: Name,
    input: PlantTasks[Name]['input'],
    work: WorkOptions = {},
  ): Promise<PlantTasks[Name]['output']> {
    return requestWork<PlantTasks, Name>(this.#worker, task, input, work);
  }
}
