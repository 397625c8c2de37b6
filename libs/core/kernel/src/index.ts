export * from './assert-never.js';
export * from './csv.js';
export * from './date.js';
export * from './decider.js';
export * from './decider-tables.js';
export * as decimals from './decimal.js';
export type { Erased } from './erased.js';
export { amount, decimal, type Decimal, total } from './decimal.js';
export * from './event.js';
export * from './face.js';
export * from './format.js';
export * from './guarded.js';
export * from './hold.js';
export * from './ids.js';
export * from './large-map.js';
export * from './text-input.js';
export type { Marks } from './marks.js';
export type { Place } from './walk-marks.js';
export * from './money.js';
export * from './operation.js';
export * from './party.js';
export * from './permission.js';
export { PersistentMap } from './persistent-map.js';
export * from './personal.js';
export * from './process.js';
export * from './published-state.js';
export * from './rejection.js';
export { sample, type Sample, type SampleWorld } from './sample.js';
export * from './report.js';
export * from './series.js';
export * from './audit-sentence.js';
export { version } from './version.js';
export * from './view.js';
export * from './sort-key.js';
export * from './record/aggregate.js';
export {
  type CustomCondition,
  customCondition,
  type CustomField,
  type CustomFieldsByType,
  customKey,
  type CustomKind,
  customKinds,
  customSaid,
  customStored,
  customValue,
  type CustomValue,
  type CustomValues,
  customValues,
  customInput,
  type Customizable,
  customFieldsInOrder,
  hasCustom,
  mostChoices,
  mostCustomFields,
} from './record/custom.js';
export * as field from './record/field.js';
export type { Field, FieldKind, FieldOptions, Fields } from './record/field.js';
export * from './record/problems.js';
export {
  contextNameOf,
  dataOf,
  calledIn,
  hasGivenId,
  isReadAll,
  readAllOf,
  record,
  referenceKey,
  refersTo,
  type RecordName,
  type RecordType,
  refOf,
  rowOf,
  type RowOfRecord,
  type StateOfRecord,
  type RowShape,
} from './record/record.js';
export { changed, created, eventOf, initialOf, type RecordEvent } from './record/record-events.js';
export * from './record/record-list.js';
export { act, change, create, pluralOf, type RecordCommand } from './record/record-operations.js';
export { decideRecord, type Present, type Ruling } from './record/record-step.js';
export {
  actionOf,
  channelOf,
  columnOf,
  type RecordScreen,
  related,
  screenOf,
  screenOpening,
  untitledOf,
  viewOf,
} from './record/record-view.js';
export { foldsInto } from './record/records.js';
export { register, type Register } from './record/register.js';
