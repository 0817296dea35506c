/** The answer that lowers the loss most: −G / (H + λ), with G drawn towards 0 by α. */
export function newtonStep(gradient: number, hessian: number, lambda: number, alpha: number): number {
  const pulled = gradient > alpha ? gradient - alpha : gradient < -alpha ? gradient + alpha : 0;
  return hessian + lambda > 0 ? -pulled / (hessian + lambda) : 0;
}
