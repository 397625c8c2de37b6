export type { Comparison } from './compare.js';
export { ProjectionEngine, type EngineOptions } from './engine.js';
export { type PersonalColumns, personalColumnsOf, personalWithin } from './erase.js';
export { type Hint, hintChannel } from './hints.js';
export { allOf, anyOf } from './lists.js';
export { type KnownAt, parseKnownAt } from './known-at.js';
export {
  adoptLog,
  type AppliedEvent,
  type Checkpoint,
  checkLog,
  holds,
  LogExchanged,
  readCheckpoint,
  rebuildFromThisLog,
  wayOut,
} from './log-check.js';
export { projectionMigrations } from './migrations.js';
export * from './projection.js';
export { ReadModels, type ReadModelOptions, trailName } from './read-models.js';
export * from './read.js';
export { askRebuild, askRetry, type ParkedStatus, type ProjectionStatus, projectionStatus } from './status.js';
export * from './table.js';
