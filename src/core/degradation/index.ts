export {
  type DegradationLaw,
  dailyGrowth,
  drawLaws,
  historyLikelihood,
  type LawDraw,
  meanGrowth,
  type PresentWear,
  type WearHistory,
} from './law.js';
