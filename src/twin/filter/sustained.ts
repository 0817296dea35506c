/** Share of each new innovation in the running mean. */
const SHARE = 1 / 12;
/** Mean of normalised innovations (each limited to ±3) that only a change explains: six standard deviations of chance. */
const SURE = 1.2;

/**
 * Running mean of normalised innovations, to tell a lasting change from noise. Writes to `memory[at]`.
 * @returns true where the state has changed faster than it was thought to; the mean then begins anew
 */
export function sustained(memory: Float64Array, at: number, innovation: number): boolean {
  if (Number.isNaN(innovation)) return false;
  const limited = Math.max(-3, Math.min(3, innovation));
  const mean = (memory[at] as number) + SHARE * (limited - (memory[at] as number));
  memory[at] = mean;
  if (Math.abs(mean) < SURE) return false;
  memory[at] = 0;
  return true;
}
