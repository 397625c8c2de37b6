import type { RolePatterns } from './permission.js';
import type { RecordType } from './record/record.js';
import type { ReportDeclaration } from './report.js';
import type { Sample } from './sample.js';
import type { Needs, ViewDeclaration } from './view.js';

/** A page that is neither a list nor a report: the console has a component of its own for it. */
export interface PageDeclaration {
  readonly kind: 'page';
  readonly path: string;
  readonly title: string;
  readonly icon: string;
  readonly key?: string;
  readonly needs: readonly Needs[];
}
export const page = (declared: Omit<PageDeclaration, 'kind'>): PageDeclaration => ({ kind: 'page', ...declared });

export type Screen = ViewDeclaration | ReportDeclaration | PageDeclaration;

/**
 * What a context shows of itself: to the console, and to other contexts. Browser-safe; it stands in the context's `index.ts`.
 * The console reads its pages when it is built, and loads the rest when somebody opens one of them.
 */
export interface ContextFace {
  readonly kind: 'face';
  /** The first word of its operations, events and error codes: `crm`. */
  readonly name: string;
  /** The heading in the console's rail, and of its permissions: "Customers". */
  readonly title: string;
  readonly icon: string;
  /** Its pages stand among those of administration, not under a heading of their own. */
  readonly administers: boolean;
  readonly records: readonly RecordType[];
  /** What the roles of every tenant may do here: `{ Auditor: ['crm.*.read'] }`. A role that is not named may do nothing. */
  readonly roles: RolePatterns;
  /** How records are made that are not of the kit, in order, for the specs that try every operation. */
  readonly samples: readonly Sample[];
  /** Its screens, in the order of the rail. Those whose address has several words are reached from others (`beside`). */
  readonly views: readonly Screen[];
}
/** Views of any rows: what a view knows of them is of no interest here. */
type Listed = Pick<ViewDeclaration, 'kind' | 'path' | 'title'> | ReportDeclaration | PageDeclaration;

export const face = <const N extends string>(
  name: N,
  declared: Pick<ContextFace, 'title' | 'icon'> &
    Partial<Pick<ContextFace, 'administers' | 'records' | 'samples'>> & {
      readonly roles?: RolePatterns<N>;
      readonly views?: readonly Listed[];
    },
): ContextFace => ({
  kind: 'face',
  name,
  administers: false,
  records: [],
  roles: {},
  samples: [],
  ...declared,
  views: (declared.views ?? []) as readonly Screen[],
});

/** What the rail, the palette and the keys know of a page before its context is loaded: plain JSON. */
export interface PageEntry {
  readonly title: string;
  readonly path: string;
  readonly key?: string;
  readonly icon: string;
  /** Any of these shows something there: people who may do none of them see no link to it. */
  readonly needs: readonly Needs[];
  /** Below a company, or of the whole tenant. */
  readonly scoped: boolean;
  /** The palette searches its rows. */
  readonly found?: true;
  /** The palette leads from a person to its rows. */
  readonly byPerson?: { readonly field: string; readonly says: string };
}

/** Screens whose rows belong to one company are below it in the address. */
export const isScoped = (screen: Screen): boolean =>
  screen.kind === 'page'
    ? screen.needs.some(({ scope }) => scope === 'company')
    : (screen.kind === 'view' ? screen.list : screen.read).http.includes('{companyId}');

const neededBy = (screen: Screen): readonly Needs[] =>
  screen.kind === 'view' ? [screen.list] : screen.kind === 'report' ? [screen.read] : screen.needs;

/** A page for each screen whose address is one word. */
export const pagesOf = ({ views }: ContextFace): PageEntry[] =>
  views
    .filter(({ path }) => !path.includes('/'))
    .map((screen) => ({
      title: screen.title,
      path: screen.path,
      icon: screen.icon,
      needs: neededBy(screen).map(({ permission, scope }) => ({ permission, scope })),
      scoped: isScoped(screen),
      ...(screen.key === undefined ? {} : { key: screen.key }),
      ...(screen.kind === 'view' && screen.find ? { found: true as const } : {}),
      ...(screen.kind === 'view' && screen.find?.person ? { byPerson: screen.find.person } : {}),
    }));

/** First words of the addresses of a face, below a company or not: by them the console knows what to load for an address. */
export const wordsOf = ({ views }: ContextFace, scoped: boolean): string[] => [
  ...new Set(views.filter((screen) => isScoped(screen) === scoped).map(({ path }) => String(path.split('/')[0]))),
];
