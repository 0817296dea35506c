/**
 * Rows × columns of numbers, row after row in one `Float64Array`: what engines take. Missing is NaN, where the engine
 * says that it takes missing values.
 */
export interface Matrix {
  /** `data[row * columns + column]`. */
  readonly data: Float64Array;
  readonly rows: number;
  readonly columns: number;
}
