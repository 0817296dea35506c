/** What a cluster's things are called in NATS, all from the cluster's own name. */
export interface ClusterNames {
  /** The stream of readings. */
  readonly stream: string;
  /** The bucket of leases, owners and commands. */
  readonly bucket: string;
  /** The bucket of models. */
  readonly models: string;
  /** The streams of jobs that wait, and of those that were given up. */
  readonly jobs: string;
  readonly deadJobs: string;
  /** The subject of a partition's readings. */
  readings(partition: number): string;
  /** The subject of jobs of a priority. */
  job(priority: string): string;
  /** The subject of what is told live of a tenant: `reading`, `alert`, …; `*` for all. */
  live(tenantId: string, kind: string): string;
}

/** The names of the cluster `name`. */
export function clusterNames(name: string): ClusterNames {
  const stream = name.toUpperCase().replace(/[^A-Z0-9_]/g, '_');
  return {
    stream,
    bucket: `${name}-cluster`,
    models: `${name}-models`,
    jobs: `${stream}_JOBS`,
    deadJobs: `${stream}_DEAD_JOBS`,
    readings: (partition) => `${name}.readings.${partition}`,
    job: (priority) => `${name}.jobs.${priority}`,
    live: (tenantId, kind) => `${name}.live.${subjectToken(tenantId)}.${kind}`,
  };
}

/** Any text as one token of a subject: what has a meaning there is written as hexadecimal. */
function subjectToken(text: string): string {
  return text.replace(/[^A-Za-z0-9_-]/gu, (character) => `=${(character.codePointAt(0) as number).toString(16)}=`);
}
