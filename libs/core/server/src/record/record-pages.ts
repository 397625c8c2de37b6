import {
  calledIn,
  type ContextFace,
  isId,
  isScoped,
  type Operation,
  pageLimit,
  type QueryOperation,
  type RecordList,
  type RecordRef,
  type RecordType,
  type Screen,
  type ViewDeclaration,
} from '@daybook/kernel';

/*
 * How a record of any type is read, from what the contexts declare anyway: the query of its page, or the list of its type.
 * Anyone who is answered by it may read the record; comments, files and mails about records ask nothing else.
 */

/** Names one record of the tenant. `companyId` is null where it is of no company. */
export interface RecordKey extends RecordRef {
  readonly companyId: string | null;
}
type Row = Readonly<Record<string, unknown>>;
export interface RecordQuestion {
  readonly keys: readonly RecordKey[];
  readonly query: QueryOperation;
  readonly input: Record<string, unknown>;
  /** The record in the answer. */
  rowIn(answer: Row, key: RecordKey): Row | null;
}

/** Ids are in small letters, as they are made: another spelling would be another thread of the same record. */
export const isSpelledRightly = ({ id, companyId }: RecordKey): boolean =>
  [...id.split('/'), companyId ?? ''].every((part) => !isId(part) || part === part.toLowerCase());

export interface RecordPage {
  /** "entry" */
  readonly one: string;
  /** What is asked for these records, which are of one company or of none: all at once where a list takes ids. */
  questions(keys: readonly RecordKey[]): readonly RecordQuestion[];
  /** The query of its page, whose fields are all that it has. */
  readonly page: QueryOperation;
  /** What people call it; null where that is erased or hidden. */
  titleOf(row: Row): string | null;
  /** Its address in the console, without a slash in front; null where it has no page. */
  addressOf(row: Row, key: RecordKey): string | null;
}

/** The pages of all types: of records of the kit, and of screens that show a record with its history. */
export function recordPages(
  faces: readonly Pick<ContextFace, 'views'>[],
  operations: readonly Operation[],
): ReadonlyMap<string, RecordPage> {
  const views = faces.flatMap(({ views: screens }) => screens).filter(isView);
  return new Map([
    ...operations.filter(isRecordList).map((list) => [list.of.record.name, ofList(list, views)] as const),
    ...views.flatMap((view) => (view.record?.history ? [[view.record.history, ofView(view)] as const] : [])),
  ]);
}

const isView = (screen: Screen): screen is ViewDeclaration => screen.kind === 'view';
const isRecordList = (operation: Operation): operation is RecordList =>
  'of' in operation && 'list' in (operation as RecordList).of;

function ofList(list: RecordList, views: readonly ViewDeclaration[]): RecordPage {
  const { record } = list.of;
  const view = views.find((one) => one.list.name === list.name);
  return {
    one: record.one,
    page: list,
    questions: (keys) => listed(list, record.id, keys, (key) => idIn(record, key)),
    titleOf: (row) => calledIn(record, row),
    addressOf: (row, key) => (view ? addressIn(view, row, key) : null),
  };
}

/** A record of a company without an id of its own is named `{company}/{number}`. */
function idIn({ id, within }: RecordType, key: RecordKey): string | null {
  if (within !== 'company' || id === 'id') return key.id;
  const start = `${key.companyId}/`;
  return key.id.startsWith(start) ? key.id.slice(start.length) : null;
}

function ofView(view: ViewDeclaration): RecordPage {
  const { query, id, title, historyId } = view.record!;
  const idOf = (key: RecordKey) => (historyId === undefined ? key.id : key.id.slice(key.id.indexOf('/') + 1));
  const isWhole = !(id in query.input.shape);
  const { list } = view;
  const asked = (keys: readonly RecordKey[]): RecordQuestion[] => {
    const company = keys[0] ? companyFor(query, keys[0]) : null;
    if (!company) return [];
    if (isWhole) return [{ keys, query, input: company, rowIn: inItems(view.id, idOf) }];
    return keys.map((key) => ({
      keys: [key],
      query,
      input: { ...company, [id]: idOf(key) },
      rowIn: (answer) => answer,
    }));
  };
  return {
    one: view.one,
    page: query,
    questions: (keys) => {
      if (keys.length < 2 || isWhole || list.permission !== query.permission) return asked(keys);
      return view.id in list.input.shape || !('limit' in list.input.shape)
        ? listed(list, view.id, keys, idOf)
        : asked(keys);
    },
    titleOf: (row) => (row[title] == null ? null : String(row[title])),
    addressOf: (row, key) => addressIn(view, row, key),
  };
}

/** Records of a company are read in it, all others in none: a key that says otherwise names nothing. */
const companyFor = ({ input }: QueryOperation, { companyId }: RecordKey): { companyId?: string } | null =>
  'companyId' in input.shape ? (companyId === null ? null : { companyId }) : companyId === null ? {} : null;

type IdOf = (key: RecordKey) => string | null;
const inItems =
  (field: string, idOf: IdOf): RecordQuestion['rowIn'] =>
  (answer, key) =>
    (answer['items'] as Row[]).find((row) => row[field] === idOf(key)) ?? null;

/** Of a list that takes ids, as many at a time as it takes, or of one that is always answered whole. */
function listed(query: QueryOperation, field: string, keys: readonly RecordKey[], idOf: IdOf): RecordQuestion[] {
  const named = keys.filter((key) => idOf(key) !== null && companyFor(query, key) !== null);
  return Array.from({ length: Math.ceil(named.length / pageLimit.max) }, (_, n) => {
    const those = named.slice(n * pageLimit.max, (n + 1) * pageLimit.max);
    const { shape } = query.input;
    const ids = field in shape ? { [field]: [...new Set(those.map(idOf))] } : {};
    const limit = 'limit' in shape ? { limit: pageLimit.max } : {};
    const input = { ...companyFor(query, those[0]!), ...ids, ...limit };
    return { keys: those, query, input, rowIn: inItems(field, idOf) };
  });
}

function addressIn(view: ViewDeclaration, row: Row, { companyId }: RecordKey): string | null {
  const template = view.opens ?? (view.record ? `${view.path}/{${view.id}}` : null);
  if (template === null) return null;
  const path = template.replace(/\{(\w+)\}/g, (_, field: string) => encodeURIComponent(String(row[field] ?? '')));
  return isScoped(view) ? `c/${companyId}/${path}` : path;
}
