export { Diagnoser, type DiagnoserState } from './diagnoser.js';
export type { Candidate, DayReport, Finding } from './finding.js';
