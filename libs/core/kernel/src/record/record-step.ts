import { accept, checkVersion, type DecideContext, type Decision } from '../decider.js';
import type { NewEvent } from '../event.js';
import type { InputOf } from '../operation.js';
import { fitsCurrency, minorUnits } from '../money.js';
import { isRejection, reject, type Rejection } from '../rejection.js';
import { fieldInvalid, recordNotFound } from './problems.js';
import { changeableFields, enteredFields, hasGivenId, readAllOf, type RecordType, refOf } from './record.js';
import { type CustomValues, customSaid, hasCustom } from './custom.js';
import type { RecordEvent } from './record-events.js';
import { commandsOf, type RecordCommand } from './record-operations.js';

/*
 * What is the same for every record, whatever stream it is in:
 *
 * - A record that is not there is 404, and so is one that the caller does not see (`seenBy`), another version than the one seen 412, a status that does not fit 409.
 * - A change has only what differs. What changes nothing is accepted without an event, and without a new version.
 * - Each event is one version on.
 * - An amount fits the minor units of its currency, and a custom field its definition.
 */
type Values = Readonly<Record<string, unknown>>;
/** A record as decisions see it: its fields as in a row, and its version. */
export type Present = Values & { readonly version: number };
/** What a rule answers: what happened, nothing, or no. */
export type Ruling<E extends NewEvent = NewEvent> = E | readonly E[] | Rejection | null;

/** Decides one command about one record; `rule` is what the context adds. `present` is null where there is none. */
export function decideRecord<O extends RecordCommand, E extends NewEvent>(
  operation: O,
  events: readonly Told[],
  present: Present | null,
  input: InputOf<O>,
  context: DecideContext,
  rule: (input: NonNullable<O['asks']>) => Ruling<E>,
): Decision<E> {
  return step(operation, events, present, input, context, (asked) => rule(asked as NonNullable<O['asks']>));
}
type Told = Pick<RecordEvent, 'name' | 'sets'>;

/** The same where the compiler does not know the command. */
export function step<E extends NewEvent>(
  { of: { record, does, when }, title }: Pick<RecordCommand, 'of' | 'title'>,
  events: readonly Told[],
  present: Present | null,
  input: Values,
  context: DecideContext,
  rule: (input: Values) => Ruling<E>,
): Decision<E> {
  if (does === 'create') {
    const named = withCaller(record, input, context);
    if (isRejection(named)) return named;
    const entered = withCustom(record, named, null, context);
    if (isRejection(entered)) return entered;
    const whole = hasGivenId(record) ? { ...entered, [record.id]: context.newId } : entered;
    return unfitAmount(record, entered) ?? decided(record, whole, 0, rule(whole));
  }
  if (present === null || !isSeen(record, present, context)) return recordNotFound(record, keyIn(record, input));
  const refused = checkVersion(context, present.version) ?? unfitStatus(record, when, present, title);
  if (refused) return refused;
  const { version } = present;
  const given = does === 'change' ? withCustom(record, input, present, context) : input;
  if (isRejection(given)) return given;
  const asked = does === 'change' ? onlyChanged(record, given, present) : input;
  const unchanged = does === 'change' && Object.keys(asked).every((name) => !changes(record).has(name));
  if (unchanged) return accept(refOf(record, input).id, version);
  const wrong = does === 'change' ? unfitAmount(record, { ...present, ...asked }, asked) : null;
  if (wrong) return wrong;
  const ruling = rule(asked);
  if (ruling === null || isRejection(ruling)) return decided<E>(record, input, version, ruling);
  const telling = listOf(ruling).filter((one) => !saysNothing(record, events, one, present));
  return decided(record, input, version, telling);
}

const isSeen = (record: RecordType, present: Present, { person, allRows }: DecideContext): boolean =>
  record.seenBy.length === 0 ||
  allRows === undefined ||
  allRows.includes(readAllOf(record)) ||
  record.seenBy.some((field) => Boolean(person) && present[field] === person);

const changes = (record: RecordType): ReadonlySet<string> => new Set(changeableFields(record).map(([name]) => name));
const keyIn = (record: RecordType, input: Values): Values => ({ [record.id]: input[record.id] });

function decided<E extends NewEvent>(record: RecordType, key: Values, version: number, ruling: Ruling<E>): Decision<E> {
  if (isRejection(ruling)) return ruling;
  const events = ruling === null ? [] : listOf(ruling);
  return { ...accept<E>(refOf(record, key).id, version + events.length), events };
}
const listOf = <E extends NewEvent>(events: E | readonly E[]): readonly E[] => ('type' in events ? [events] : events);

const same = (one: unknown, other: unknown): boolean =>
  one === other || JSON.stringify(one ?? null) === JSON.stringify(other ?? null);

function onlyChanged(record: RecordType, input: Values, present: Present): Values {
  const may = changes(record);
  return Object.fromEntries(
    Object.entries(input).filter(
      ([name, value]) => !may.has(name) || (value !== undefined && !same(value, present[name])),
    ),
  );
}

/** Sets what is so already, and says nothing besides: archiving what is archived. */
function saysNothing(record: RecordType, events: readonly Told[], { type, data }: NewEvent, present: Present): boolean {
  const set = events.find(({ name }) => name === type)?.sets?.(data as Values);
  if (!set) return false;
  const { companyId: _, [record.id]: __, ...said } = data as Values;
  return [said, set].every((values) =>
    Object.entries(values).every(([name, value]) => name in present && same(value, present[name])),
  );
}

function withCaller(record: RecordType, input: Values, { person }: DecideContext): Values | Rejection {
  const entered: Record<string, unknown> = { ...input };
  for (const [name, { options, label }] of enteredFields(record)) {
    if ((options as { default?: unknown }).default !== 'caller' || entered[name] !== undefined) continue;
    if (!person && !options.optional)
      return fieldInvalid(`${record.name}-invalid`, name, `${label} is missing: you are no person, so name one.`);
    if (person) entered[name] = person;
  }
  return entered;
}

/** With custom fields as the event says them. */
function withCustom(
  record: RecordType,
  input: Values,
  present: Present | null,
  context: DecideContext,
): Values | Rejection {
  if (!hasCustom(record)) return input;
  const { custom: said, ...others } = input;
  const does = present === null ? 'create' : 'change';
  const before = (present?.['custom'] ?? null) as CustomValues | null;
  const given = said as Parameters<typeof customSaid>[1];
  const after = customSaid({ record, does }, given, before, context);
  return isRejection(after) ? after : { ...others, ...after };
}

/** `asked`: only amounts that these fields change; all of them, where the currency itself changes. */
function unfitAmount(record: RecordType, values: Values, asked: Values = values): Rejection | null {
  for (const [name, { currency, label }] of Object.entries(record.fields)) {
    const [amount, code] = [values[name], values[currency ?? '']];
    if (currency === null || typeof amount !== 'string' || typeof code !== 'string') continue;
    if ((name in asked || currency in asked) && !fitsCurrency(amount, code)) {
      const most = minorUnits(code);
      return fieldInvalid(
        `${record.name}-invalid`,
        name,
        `${label}: ${code} has ${most === 0 ? 'no' : most} decimals.`,
        {
          currency: code,
        },
      );
    }
  }
  return null;
}

const fits = (when: Values, present: Values): [string, unknown] | undefined =>
  Object.entries(when).find(([name, value]) => ![value].flat().includes(present[name]));

/** Says the status, and which of the record's commands are possible in it. */
function unfitStatus(record: RecordType, when: Values, present: Present, title: string): Rejection | null {
  const unfit = fits(when, present);
  if (!unfit) return null;
  const [name] = unfit;
  const now = present[name];
  const field = record.fields[name];
  const word = typeof now === 'string' ? (field?.words?.[now]?.label ?? now).toLowerCase().replaceAll('-', ' ') : '';
  const is = typeof now === 'boolean' ? `${field?.label} is ${now ? 'yes' : 'no'}` : `it is ${word || 'not set'}`;
  const possible = commandsOf(record).filter(
    ({ of }) => of.does === 'act' && of.when[name] !== undefined && !fits(of.when, present),
  );
  const way =
    possible.length === 0 ? '' : ` Possible now: ${possible.map(({ of }) => of.label.toLowerCase()).join(', ')}.`;
  const ending = typeof now === 'string' ? now : `${name}-unfit`;
  return reject(`${record.name}-${ending}`, `${title}: this is not possible, because ${is}.${way}`, {
    details: { [name]: now ?? null },
  });
}
