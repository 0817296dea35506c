import type { JobPriority } from './queue.js';

const ORDER: readonly JobPriority[] = ['interactive', 'normal', 'background'];

/** Waiting jobs: the more urgent first; of one priority the tenants in turn, each in the order of its jobs. */
export class FairLine<Job extends { readonly priority: JobPriority; readonly tenantId: string }> {
  readonly #lines = new Map<JobPriority, Map<string, Job[]>>(ORDER.map((priority) => [priority, new Map()]));
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(job: Job): void {
    const line = this.#lines.get(job.priority) as Map<string, Job[]>;
    const own = line.get(job.tenantId);
    if (own === undefined) line.set(job.tenantId, [job]);
    else own.push(job);
    this.#length++;
  }

  /** The next job; its tenant goes to the end of the line. */
  shift(): Job | undefined {
    for (const line of this.#lines.values()) {
      const first = line.entries().next();
      if (first.done) continue;
      const [tenantId, own] = first.value;
      const job = own.shift() as Job;
      line.delete(tenantId);
      if (own.length > 0) line.set(tenantId, own);
      this.#length--;
      return job;
    }
    return undefined;
  }

  /** Takes a job out that waits; false where it is not there. */
  remove(job: Job): boolean {
    const line = this.#lines.get(job.priority);
    const own = line?.get(job.tenantId);
    const place = own?.indexOf(job) ?? -1;
    if (own === undefined || place < 0) return false;
    own.splice(place, 1);
    if (own.length === 0) line?.delete(job.tenantId);
    this.#length--;
    return true;
  }
}
