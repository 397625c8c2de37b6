import { accountView, entryView, importView, statementView, trialBalanceReport } from '@daybook/accounting';
import type { ReportDeclaration, ViewDeclaration } from '@daybook/kernel';

/** A page that is not a view: a report, a wizard, the system. */
export interface PageEntry {
  readonly title: string;
  readonly path: string;
  readonly key?: string;
  readonly icon: string;
  readonly permission: string;
  /** Below a company, or of the whole tenant. */
  readonly scoped: boolean;
}
export interface ContextEntry {
  readonly title: string;
  readonly icon: string;
  readonly pages: readonly PageEntry[];
}

/** Views whose rows belong to one company stand below it in the address. */
export const isScoped = (view: ViewDeclaration): boolean => view.list.http.includes('{companyId}');
const page = (view: ViewDeclaration): PageEntry => ({
  title: view.title,
  path: view.path,
  icon: view.icon,
  permission: view.list.permission ?? '',
  scoped: isScoped(view),
  ...(view.key === undefined ? {} : { key: view.key }),
});

const reportPage = (report: ReportDeclaration): PageEntry => ({
  title: report.title,
  path: report.path,
  icon: report.icon,
  permission: report.read.permission ?? '',
  scoped: true,
  ...(report.key === undefined ? {} : { key: report.key }),
});

export const reports: readonly ReportDeclaration[] = [trialBalanceReport];
/** Every declared screen; routes, rail and palette are made of it. */
export const views: readonly ViewDeclaration[] = [accountView, entryView, importView, statementView] as never;

export const contexts: readonly ContextEntry[] = [
  {
    title: 'Books',
    icon: 'book-open',
    pages: [
      page(accountView as never),
      page(entryView as never),
      ...reports.map(reportPage),
      page(importView as never),
    ],
  },
  {
    title: 'Administration',
    icon: 'settings-2',
    pages: [
      {
        title: 'System',
        path: 'system',
        key: 'S',
        icon: 'activity',
        permission: 'platform.projection.read',
        scoped: false,
      },
    ],
  },
];
