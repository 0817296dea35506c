export { drawLaws, type LawDraw, type LawKind, type WearPrior } from './draw-laws.js';
export {
  type DegradationLaw,
  dailyGrowth,
  historyLikelihood,
  meanGrowth,
  type PresentWear,
  type WearHistory,
} from './law.js';
export { together } from './together.js';
