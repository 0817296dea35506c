/** Order of the rows by falling score. */
function byFallingScore(scores: ArrayLike<number>): Uint32Array {
  return Uint32Array.from({ length: scores.length }, (_, i) => i).sort(
    (a, b) => (scores[b] as number) - (scores[a] as number),
  );
}

/** Area under the ROC curve; ties count half. */
export function rocAuc(scores: ArrayLike<number>, labels: ArrayLike<number>): number {
  const order = byFallingScore(scores);
  let area = 0;
  let positives = 0;
  let negatives = 0;
  for (let start = 0; start < order.length; ) {
    let end = start;
    let up = 0;
    let across = 0;
    while (end < order.length && scores[order[end] as number] === scores[order[start] as number]) {
      if ((labels[order[end++] as number] as number) > 0) up++;
      else across++;
    }
    area += across * (positives + up / 2);
    positives += up;
    negatives += across;
    start = end;
  }
  return area / (positives * negatives);
}

/** Average precision: precision at each positive, averaged; rows with equal scores come together. */
export function averagePrecision(scores: ArrayLike<number>, labels: ArrayLike<number>): number {
  const order = byFallingScore(scores);
  let sum = 0;
  let positives = 0;
  for (let start = 0; start < order.length; ) {
    let end = start;
    let up = 0;
    while (end < order.length && scores[order[end] as number] === scores[order[start] as number]) {
      if ((labels[order[end++] as number] as number) > 0) up++;
    }
    positives += up;
    sum += (up * positives) / end;
    start = end;
  }
  return sum / positives;
}

/** Counts of a binary decision. */
export class Confusion {
  tp = 0;
  fp = 0;
  tn = 0;
  fn = 0;

  add(predicted: boolean, actual: boolean): void {
    if (predicted) actual ? this.tp++ : this.fp++;
    else actual ? this.fn++ : this.tn++;
  }

  get f1(): number {
    return (2 * this.tp) / (2 * this.tp + this.fp + this.fn);
  }

  /** False-alarm rate, percent of the normal rows. */
  get far(): number {
    return (100 * this.fp) / (this.fp + this.tn);
  }

  /** Missing-alarm rate, percent of the anomalous rows. */
  get mar(): number {
    return (100 * this.fn) / (this.fn + this.tp);
  }
}
