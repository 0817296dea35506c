// The package brings no types; these are the members that the adapter calls.
declare module 'ml-isolation-forest' {
  export class IsolationForest {
    constructor(options: { nEstimators: number });
    train(rows: number[][]): void;
    predict(rows: number[][]): number[];
  }
}
