import { reject, type Rejection } from '../rejection.js';
import { hasGivenId, type RecordType } from './record.js';

/*
 * The words of refusals: an error code is `context.noun-` and one of these endings, or a rule's own words. So a program that
 * knows one context knows the codes of all.
 *
 *   -not-found  404  there is no such record, or the caller may not see it
 *   -exists     409  there is one already
 *   -invalid    409  a field has a value that the rules do not allow
 *   -<status>   409  the record is in a status in which this is not possible
 *
 * `platform.version-stale` (412) is the same everywhere: see `checkVersion`.
 */
type Called = Pick<RecordType, 'name' | 'one' | 'id' | 'fields'>;
type Details = Readonly<Record<string, unknown>>;

/** Says which one where people know it by a number. An id that a caller made up is not repeated: it may be anything. */
export const recordNotFound = (record: Called, key: Details = {}): Rejection => {
  const { name, one, id } = record;
  return hasGivenId(record)
    ? reject(`${name}-not-found`, `There is no such ${one}.`, { status: 404 })
    : reject(`${name}-not-found`, `There is no ${one} ${String(key[id])}.`, { status: 404, details: key });
};

/** `field` is the one whose value is used already. */
export const recordExists = ({ name }: Called, field: string, message: string, details: Details = {}): Rejection =>
  reject(`${name}-exists`, message, { details, errors: [{ pointer: `/${field}`, code: `${name}-exists`, message }] });

/** `what` may be narrower than the field: `accounting.zone-invalid`. */
export const fieldInvalid = (
  code: `${string}.${string}-invalid`,
  field: string,
  message: string,
  details: Details = {},
): Rejection => reject(code, message, { details, errors: [{ pointer: `/${field}`, code, message }] });
