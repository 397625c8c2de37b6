import {
  type ContextFace,
  isScoped,
  type Operation,
  type QueryOperation,
  type RecordList,
  type RecordRef,
  type RecordType,
  type Screen,
  type ViewDeclaration,
} from '@daybook/kernel';

/*
 * How a record of any type is read, from what the contexts declare anyway: the query of its page, or the list of its type.
 * Whoever is answered by it may read the record; comments, files and mails about records ask nothing else.
 */

/** Names one record of the tenant. `companyId` is null where it is of no company. */
export interface RecordKey extends RecordRef {
  readonly companyId: string | null;
}
type Row = Readonly<Record<string, unknown>>;

export interface RecordPage {
  /** "entry" */
  readonly one: string;
  readonly query: QueryOperation;
  /** The input of `query`; null for a key that names no record of this type. */
  input(key: RecordKey): Record<string, unknown> | null;
  /** The record in the answer of `query`. */
  rowIn(answer: Row, key: RecordKey): Row | null;
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
    query: list,
    input: (key) => {
      const id = idIn(record, key);
      const company = companyFor(list, key);
      return id === null || company === null ? null : { ...company, [record.id]: [id], ...oneRow(list) };
    },
    rowIn: (answer, key) => (answer['items'] as Row[]).find((row) => row[record.id] === idIn(record, key)) ?? null,
    titleOf: (row) => [...(record.id === 'id' ? [] : [row[record.id]]), row[record.calledBy]].join(' ').trim() || null,
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
  return {
    one: view.one,
    query,
    input: (key) => {
      const company = companyFor(query, key);
      return company && { ...company, ...(isWhole ? {} : { [id]: idOf(key) }) };
    },
    rowIn: (answer, key) =>
      isWhole ? ((answer['items'] as Row[]).find((row) => row[view.id] === idOf(key)) ?? null) : answer,
    titleOf: (row) => (row[title] == null ? null : String(row[title])),
    addressOf: (row, key) => addressIn(view, row, key),
  };
}

/** Records of a company are read in it, all others in none: a key that says otherwise names nothing. */
const companyFor = ({ input }: QueryOperation, { companyId }: RecordKey): { companyId?: string } | null =>
  'companyId' in input.shape ? (companyId === null ? null : { companyId }) : companyId === null ? {} : null;

const oneRow = ({ input }: QueryOperation) => ('limit' in input.shape ? { limit: 1 } : {});

function addressIn(view: ViewDeclaration, row: Row, { companyId }: RecordKey): string | null {
  const template = view.opens ?? (view.record ? `${view.path}/{${view.id}}` : null);
  if (template === null) return null;
  const path = template.replace(/\{(\w+)\}/g, (_, field: string) => encodeURIComponent(String(row[field] ?? '')));
  return isScoped(view) ? `c/${companyId}/${path}` : path;
}
