import type { CommandOperation, Operation, QueryOperation } from './operation.js';

/*
 * How the console shows a read model. A context declares columns, filters, sections and actions in a
 * browser-safe `x.view.ts`; the archetypes of apps/web give the rest. Only what differs from the defaults is named.
 */
export type ColumnFormat =
  | 'money' | 'amount' | 'quantity' | 'percent' | 'count' | 'date' | 'instant' | 'number' | 'account' | 'party'
  | 'person' | 'record' | 'company' | 'role' | 'status' | 'position' | 'hash' | 'id' | 'text' | 'code' | 'boolean'; // prettier-ignore

export type StatusWord = {
  readonly label?: string;
  readonly tone?: 'warn' | 'error' | 'good' | 'plain';
  readonly icon?: string;
  /** Only the label: a choice like a language, which is no status. */
  readonly quiet?: true;
} | null;

export interface ColumnDeclaration {
  readonly as: ColumnFormat;
  readonly label?: string;
  /** Sort order when it is the default; a column without is not the sort key. */
  readonly sort?: 'asc' | 'desc';
  /** Links to the record of the row. */
  readonly drill?: 'record';
  readonly pin?: boolean;
  readonly grow?: boolean;
  readonly sum?: boolean;
  readonly explain?: boolean;
  /** A sibling field with the name that belongs to this code (account number + account name). */
  readonly name?: string;
  /** For `record`: the type of the record that is named by its id. It is shown by what it is called, and links to its page. */
  readonly to?: string;
  /** What is written where there is no value: an erased name. */
  readonly none?: string;
  /** The value is an object or a list of them: this field of each is written, none twice. */
  readonly each?: string;
  /** For `status`: null is the quiet, normal word. */
  readonly words?: Readonly<Record<string, StatusWord>>;
  /** Not shown until the person adds it. */
  readonly hidden?: boolean;
}

export interface FilterDeclaration {
  /** Input fields of the list query; a range has two. */
  readonly field: string | readonly [from: string, to: string];
  /** The input field that leaves these values out instead. */
  readonly not?: string;
  readonly label: string;
  readonly as: ColumnFormat;
  readonly to?: string;
  /** Fixed choices, or the list query that offers them (value and label fields of its rows). */
  readonly choices?: readonly { value: string; label: string }[] | OfferedChoices;
}
export interface OfferedChoices {
  readonly query: QueryOperation;
  readonly value: string;
  readonly label: string;
  /** Where the rows are not the answer's `items`. */
  rows?(answer: unknown): readonly Readonly<Record<string, unknown>>[];
  /** Field of the row that heads it in the list of choices. */
  readonly group?: string;
}

export interface SavedView {
  readonly name: string;
  readonly where: Readonly<Record<string, string>>;
  readonly count?: boolean;
}

export type SectionDeclaration =
  | { readonly kind: 'lines'; readonly field: string; readonly label: string; readonly columns: Readonly<Record<string, ColumnDeclaration>>; readonly total?: readonly string[]; readonly empty?: string }
  | { readonly kind: 'fields'; readonly label: string; readonly fields: Readonly<Record<string, ColumnDeclaration>> }
  /** Rows of another view that belong to the record: `where` takes the list's input from the record's fields. */
  | { readonly kind: 'rows'; readonly label: string; readonly view: ViewDeclaration; readonly where: Readonly<Record<string, string>>; readonly columns: readonly string[]; readonly create?: ActionDeclaration; /** So many rows, and a link to the list for the others. */ readonly most?: number; readonly empty: string }
  | { readonly kind: 'slot'; readonly label: string; readonly slot: string }; // prettier-ignore

export interface RecordDeclaration {
  /** One that answers the record; or the list itself, when it is whole enough to hold it. Who is answered by it reads what is said about the record. */
  readonly query: QueryOperation;
  /** Input field of the record query that takes the row's id. */
  readonly id: string;
  readonly title: string;
  /** The title where the record has none (an erased name). */
  readonly untitled?: string;
  readonly sub?: string;
  readonly hero?: string;
  readonly fields: Readonly<Record<string, ColumnDeclaration>>;
  readonly sections: readonly SectionDeclaration[];
  /** Field with the links of a chain of corrections. */
  readonly lineage?: string;
  /** Record type of the timeline at the right, as events declare it: `accounting.entry`. */
  readonly history?: string;
  /** The record's id as its events state it, when it is not the id of the row: `{companyId}/{number}`. */
  readonly historyId?: string;
}

export interface ActionDeclaration {
  readonly operation: CommandOperation;
  readonly label: string;
  readonly icon?: string;
  readonly key?: string;
  /** Statuses of the row in which the action exists; absent ones are not shown. All must hold where there are several. */
  readonly when?: RowCondition | readonly RowCondition[];
  /** Input fields taken from the row: input field -> row field. */
  readonly from?: Readonly<Record<string, string>>;
  /** Input field that takes the id of a new record, made when the dialog opens. */
  readonly fresh?: string;
  /** Input fields that are the same for every row. */
  readonly with?: Readonly<Record<string, unknown>>;
  /** Fields the person fills in, with their hints; in this order. */
  readonly ask?: Readonly<Record<string, FieldHint>>;
  /** Red, on the page as text and in the dialog as its button. */
  readonly destructive?: boolean;
  /** The green one of the record's page. */
  readonly main?: boolean;
  /** The dialog's question, where label and name of the row do not make one: "Give {name} a role". */
  readonly title?: string;
  /** What the dialog says before anything is asked: what will happen, where the operation's own words do not tell. */
  readonly what?: string;
  /** A field of the answer that is told once and never again: a secret, with Copy, before the dialog closes. */
  readonly once?: { readonly field: string; readonly label: string; readonly hint: string };
}
export type RowCondition =
  | { readonly field: string; readonly is: readonly string[]; readonly given?: undefined }
  /** The field holds something: an erased person has no name. */
  | { readonly field: string; readonly given: true; readonly is?: undefined };

export interface FieldHint {
  readonly label: string;
  readonly as?: ColumnFormat | 'choice' | 'secret' | 'lines';
  readonly to?: string;
  readonly width?: 'narrow' | 'half' | 'full';
  readonly hint?: string;
  readonly choices?: FilterDeclaration['choices'];
  /** Cannot be left empty, though the operation may be asked without it: a change leaves out what stays. */
  readonly required?: true;
}

/** The operation behind a link: people who may not do it do not see the link. */
export type Needs = Pick<Operation, 'permission' | 'scope'>;

export interface ViewDeclaration<Q extends QueryOperation = QueryOperation> {
  readonly kind: 'view';
  readonly list: Q;
  /** Address of the list below the company: `entries`. */
  readonly path: string;
  readonly title: string;
  readonly one: string;
  readonly icon: string;
  /** Second key of the G sequence. */
  readonly key?: string;
  /** Pages that belong to this one, as links beside its title. */
  readonly beside?: readonly {
    readonly title: string;
    readonly path: string;
    readonly icon: string;
    readonly needs: Needs;
  }[];
  /** Where a row leads, below the company: `accounts/{number}`; by default its record, `<path>/<id>`. */
  readonly opens?: string;
  /** Fields of the answer shown above the rows: opening, closing. `title` may name fields of the answer in braces. */
  readonly summary?: Readonly<Record<string, ColumnDeclaration>>;
  /** Of a list that is the page of a record: the field of the answer with it. Its custom fields are shown above the rows. */
  readonly about?: string;
  /** The input field that turns the order of the sorted column, and its two words. */
  readonly order?: { readonly field: string; readonly asc: string; readonly desc: string };
  /** Channels whose hints say that these rows changed; by default the path. */
  readonly channels?: readonly string[];
  /** Field that identifies a row. */
  readonly id: string;
  readonly columns: Readonly<Record<string, ColumnDeclaration>>;
  readonly filters: readonly FilterDeclaration[];
  readonly views: readonly SavedView[];
  /** Shown on a page of its own where `opens` leads to one. */
  readonly record: RecordDeclaration | null;
  readonly actions: {
    /** A dialog of its own, or a page and the operation that it is there for. */
    readonly create?:
      | { readonly label: string; readonly action: ActionDeclaration; readonly path?: undefined }
      | { readonly label: string; readonly path: string; readonly needs: Needs; readonly action?: undefined };
    readonly row: readonly ActionDeclaration[];
    readonly bulk: readonly ActionDeclaration[];
  };
  /** What the empty list says, and its first step. */
  readonly empty: string;
  readonly find?: FindDeclaration;
}

/** How the palette finds rows: by the list's `text`, and where they are named by an amount or a person. Fields of the row. */
export interface FindDeclaration {
  /** What a row is called there: `{number} {name}`. */
  readonly text: string;
  readonly detail?: string;
  /** An amount, in the currency of the row. */
  readonly figure?: string;
  /** Input fields of the list that take an exact amount, as from and until. */
  readonly amount?: readonly [from: string, until: string];
  /** The input field that takes a person, and what leads from them to the rows: "entries recorded by". */
  readonly person?: { readonly field: string; readonly says: string };
}

export function view<Q extends QueryOperation>(
  list: Q,
  declared: Omit<ViewDeclaration<Q>, 'kind' | 'list' | 'id' | 'filters' | 'views' | 'record' | 'actions'> &
    Partial<Pick<ViewDeclaration<Q>, 'id' | 'filters' | 'views' | 'record'>> & {
      actions?: Partial<ViewDeclaration<Q>['actions']>;
    },
): ViewDeclaration<Q> {
  return {
    kind: 'view',
    list,
    id: 'id',
    filters: [],
    views: [],
    record: null,
    ...declared,
    actions: { row: [], bulk: [], ...declared.actions },
  };
}
