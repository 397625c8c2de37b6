export { inOneTrip } from '@daybook/postgres';
export type { Comparison } from './compare.js';
export { ProjectionEngine, type EngineOptions } from './engine.js';
export { type PersonalColumns, personalColumnsOf, personalWithin } from './erase.js';
export { type Hint, hintNotifyChannel } from './hints.js';
export { allOf, anyOf } from './any-of.js';
export { type KnownAt, parseKnownAt } from './known-at.js';
export {
  adoptLog,
  type AppliedEvent,
  type Checkpoint,
  checkLog,
  logContains,
  LogReplaced,
  readCheckpoint,
  rebuildFromThisLog,
  remedy,
} from './log-check.js';
export { projectionMigrations } from './migrations.js';
export { knowProcesses } from './process/process-registry.js';
export type { ActOf, ProcessDeps } from './process/process-work.js';
export * from './projection.js';
export { noKnownAt, ReadModels, type ReadModelOptions } from './read-models.js';
export { trailName } from './readable-generations.js';
export * from './read-context.js';
export * from './record-answers.js';
export * from './record-table.js';
export * from './register-pieces.js';
export {
  requestRebuild,
  requestRetry,
  type ParkedStatus,
  type ProjectionStatus,
  projectionStatus,
} from './projection-status.js';
export * from './table.js';
