/** What can be wrong with one value of one channel, as bits, so that one number per value holds all of it. */
export const QualityFlag = {
  /** There is no value. */
  missing: 1,
  /** Outside the range that is physically possible. */
  outOfRange: 2,
  /** The sensor repeats one value that it does not usually rest at. */
  stale: 4,
  /** On a straight line between two others, as programs fill gaps. */
  interpolated: 8,
  /** Stands out from both neighbours by more than the channel does there. */
  outlier: 16,
  /** The first value after a stretch without rows. */
  gap: 32,
  /** Cut off at a ceiling that the channel reaches often. */
  clipping: 64,
  /** A value by night that ought to be zero. */
  nightOffset: 128,
  /** More irradiance than a clear sky gives. */
  aboveClearSky: 256,
} as const;

/** Name of a flag. */
export type QualityFlagName = keyof typeof QualityFlag;

/** The flags that make a value unfit for models; clipping and gaps tell something but the value is true. */
export const UNUSABLE: number =
  QualityFlag.missing |
  QualityFlag.outOfRange |
  QualityFlag.stale |
  QualityFlag.interpolated |
  QualityFlag.outlier |
  QualityFlag.aboveClearSky;

/** The names of the flags that are set in `bits`. */
export function flagNames(bits: number): QualityFlagName[] {
  return (Object.keys(QualityFlag) as QualityFlagName[]).filter((name) => (bits & QualityFlag[name]) !== 0);
}
