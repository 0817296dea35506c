export {
  type FoundLabel,
  type LifeSpan,
  lifeSpans,
  type MaintenanceFeedback,
  maintenanceFeedback,
  type Reset,
  withMaintenance,
} from './feedback.js';
export { type CalendarEntry, iCalendar } from './icalendar.js';
export {
  endless,
  expectedDays,
  exponentialLife,
  firstOf,
  type LifeDistribution,
  type LifePrediction,
  lifeFromPrediction,
  lifeFromQuantiles,
  weibullLife,
} from './life.js';
export {
  type Crew,
  type MaintenancePlan,
  type PlanInput,
  type PlannedJob,
  planMaintenance,
  type UnplannedJob,
} from './plan.js';
export {
  type CleaningInput,
  meanLife,
  optimalCleaning,
  optimalReplacement,
  type RenewalPolicy,
  type RenewalSimulation,
  type ReplacementInput,
  simulateRenewal,
} from './renewal.js';
export {
  type ChangeOptions,
  calendarEntry,
  MaintenanceSchedule,
  type MaintenanceTask,
  type ScheduleConflict,
  scheduleConflicts,
  type TaskChange,
  type TaskDetails,
  type TaskOutcome,
  type TaskStatus,
} from './schedule.js';
export { costOfWaiting, type Job, type TaskPriority, type Waiting } from './waiting.js';
export { type TimeSpan, type WorkHours, workWindows } from './windows.js';
