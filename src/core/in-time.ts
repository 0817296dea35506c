/**
 * What `work` gives, if it gives it within `limit` ms; else what `late` gives or throws. The work itself goes on: what it
 * gives later is nobody's.
 */
export async function inTime<T>(work: Promise<T>, limit: number, late: () => T): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const over = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, limit);
  }).then(late);
  try {
    return await Promise.race([work, over]);
  } finally {
    clearTimeout(timer);
  }
}
