/**
 * The weights, none negative and adding up to 1, with the least w·G·w, by exponentiated gradient (Kivinen & Warmuth 1997).
 * @param gram `m` × `m`, for instance sums of products of the errors of `m` methods
 */
export function simplexWeights(gram: Float64Array, m: number): number[] {
  let weights = new Array<number>(m).fill(1 / m);
  let largest = 1e-300;
  for (let i = 0; i < m; i++) largest = Math.max(largest, gram[i * m + i] as number);
  for (let step = 0; step < 3000; step++) {
    const next = weights.map((weight, i) => {
      let slope = 0;
      for (let j = 0; j < m; j++) slope += (gram[i * m + j] as number) * (weights[j] as number);
      return weight * Math.exp((-4 * slope) / largest);
    });
    const sum = next.reduce((a, b) => a + b, 0);
    weights = next.map((weight) => weight / sum);
  }
  return weights;
}
