import type { ContextFace, PageEntry } from '@daybook/kernel';
import { listed } from './contexts.generated';

export { listed };
export { isScoped, type PageEntry } from '@daybook/kernel';

/** What the console knows of a context before it loads it. */
export interface ListedContext {
  readonly name: string;
  readonly title: string;
  readonly icon: string;
  readonly administers: boolean;
  readonly pages: readonly PageEntry[];
  /** First words of its addresses: of the whole tenant, and below a company. */
  readonly words: { readonly tenant: readonly string[]; readonly company: readonly string[] };
  readonly load: () => Promise<ContextFace>;
}
/** A heading of the rail. */
export interface ContextEntry {
  readonly title: string;
  readonly icon: string;
  readonly pages: readonly PageEntry[];
}

const system: PageEntry = {
  title: 'System',
  path: 'system',
  icon: 'activity',
  needs: [
    { permission: 'platform.projection.read', scope: 'tenant' },
    { permission: 'platform.job.read', scope: 'caller' },
  ],
  key: 'S',
  scoped: false,
};
const pagesBelow = (administers: boolean) =>
  listed.filter((context) => context.administers === administers && context.pages.length > 0);

export const contexts: readonly ContextEntry[] = [
  ...pagesBelow(false),
  {
    title: 'Administration',
    icon: 'settings-2',
    pages: [...pagesBelow(true).flatMap(({ pages }) => pages), system],
  },
];
/** Every page there is, for the way back to the one above. */
export const pages: readonly PageEntry[] = contexts.flatMap((context) => context.pages);
