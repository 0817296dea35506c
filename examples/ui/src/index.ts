export { ChartHead } from './chart-head.js';
export { exactTime, inUnit, marks, type Quantity, quantity, relativeTime, threeDigits } from './format.js';
export { type Bar, Bars, Figure, type State, StateWord } from './parts.js';
export { tokenColor } from './token-color.js';
export { ValueTable } from './value-table.js';
