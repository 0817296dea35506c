import { expect, it } from 'vitest';
import { Random } from '../../core/random.js';
import { goesLeft, type TreeArrays, TreeBuilder } from './ensemble.js';
import { explainTrees } from './shap.js';

const COLUMNS = 5;

/** Trees that ask some columns again and again, down to a depth of 9. */
function grown(random: Random, count: number): TreeArrays {
  const builder = new TreeBuilder();
  const grow = (depth: number, cover: number): void => {
    if (depth === 9 || random.next() < 0.1 * depth) {
      builder.leaf(random.normal(), cover);
      return;
    }
    const share = random.uniform(0.05, 0.95);
    const node = builder.split(random.int(COLUMNS), random.normal(), random.next() < 0.5, cover);
    grow(depth + 1, share * cover);
    builder.setRight(node, builder.size);
    grow(depth + 1, (1 - share) * cover);
  };
  for (let tree = 0; tree < count; tree++) {
    builder.beginTree();
    grow(0, 1000);
  }
  return builder.finish();
}

/** The answer where only the columns of `known` are known: elsewhere both ways count by their training weight. */
function answerOf(trees: TreeArrays, row: Float64Array, known: number): number {
  const { feature, threshold, right, cover } = trees;
  const at = (node: number): number => {
    const f = feature[node] as number;
    if (f < 0) return threshold[node] as number;
    const [left, other] = [node + 1, right[node] as number];
    if ((known >> f) & 1) return at(goesLeft(trees, node, row[f] as number) ? left : other);
    const [a, b] = [cover[left] as number, cover[other] as number];
    return (a * at(left) + b * at(other)) / (a + b);
  };
  return trees.roots.reduce((sum, root) => sum + at(root), 0);
}

/** Shapley values by their definition: the mean over all orders of what a column changes when it becomes known. */
function byDefinition(trees: TreeArrays, row: Float64Array): number[] {
  const factorial = (n: number): number => (n < 2 ? 1 : n * factorial(n - 1));
  const answers = Float64Array.from({ length: 1 << COLUMNS }, (_, known) => answerOf(trees, row, known));
  return Array.from({ length: COLUMNS }, (_, column) => {
    let sum = 0;
    for (let known = 0; known < answers.length; known++) {
      if ((known >> column) & 1) continue;
      let size = 0;
      for (let c = 0; c < COLUMNS; c++) size += (known >> c) & 1;
      const weight = (factorial(size) * factorial(COLUMNS - 1 - size)) / factorial(COLUMNS);
      sum += weight * ((answers[known | (1 << column)] as number) - (answers[known] as number));
    }
    return sum;
  });
}

it('gives the Shapley values of the definition, missing values included', () => {
  const random = new Random(4);
  const trees = grown(random, 6);
  for (let trial = 0; trial < 12; trial++) {
    const row = Float64Array.from({ length: COLUMNS }, () => (random.next() < 0.15 ? Number.NaN : random.normal()));
    const { base, contributions } = explainTrees(trees, row, 0, COLUMNS);
    expect(base).toBeCloseTo(answerOf(trees, row, 0), 10);
    byDefinition(trees, row).forEach((value, column) => {
      expect(contributions[column]).toBeCloseTo(value, 10);
    });
  }
});

it('says nothing of a branch that no training row reached', () => {
  const builder = new TreeBuilder();
  builder.beginTree();
  const top = builder.split(0, 0, false, 10);
  const below = builder.split(0, -1, false, 10);
  builder.leaf(1, 10);
  builder.setRight(below, builder.leaf(5, 0));
  builder.setRight(top, builder.leaf(9, 0));
  const { base, contributions } = explainTrees(builder.finish(), Float64Array.of(-0.5), 0, 1);
  expect(base).toBe(1);
  expect(contributions[0]).toBeCloseTo(4, 12);
});
