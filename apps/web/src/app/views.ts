import {
  accountView,
  entryView,
  importView,
  subledgerLineView,
  accountLedgerView,
  trialBalanceReport,
} from '@daybook/accounting';
import type { Needs, ReportDeclaration, ViewDeclaration } from '@daybook/kernel';

/** A page that is not a view: a report, a wizard, the system. */
export interface PageEntry {
  readonly title: string;
  readonly path: string;
  readonly key?: string;
  readonly icon: string;
  /** Any of these shows something there: people who may do none of them see no link to it. */
  readonly needs: readonly Needs[];
  /** Below a company, or of the whole tenant. */
  readonly scoped: boolean;
}
export interface ContextEntry {
  readonly title: string;
  readonly icon: string;
  readonly pages: readonly PageEntry[];
}

/** Views whose rows belong to one company are below it in the address. */
export const isScoped = (view: ViewDeclaration): boolean => view.list.http.includes('{companyId}');
const page = (view: ViewDeclaration): PageEntry => ({
  title: view.title,
  path: view.path,
  icon: view.icon,
  needs: [view.list],
  scoped: isScoped(view),
  ...(view.key === undefined ? {} : { key: view.key }),
});

const reportPage = (report: ReportDeclaration): PageEntry => ({
  title: report.title,
  path: report.path,
  icon: report.icon,
  needs: [report.read],
  scoped: true,
  ...(report.key === undefined ? {} : { key: report.key }),
});

export const reports: readonly ReportDeclaration[] = [trialBalanceReport];
/** Every declared screen; routes, rail and palette are made of it. */
export const views: readonly ViewDeclaration[] = [
  accountView,
  entryView,
  importView,
  subledgerLineView,
  accountLedgerView,
];

const whole = (permission: string): Needs => ({ permission, scope: 'tenant' });
const anywhere = (permission: string): Needs => ({ permission, scope: 'caller' });
/**
 * The pages of administration are only named here: their declarations come with a chunk of their own
 * (pages/administration), so that the first one stays small. A spec keeps both in step.
 */
const administration: readonly PageEntry[] = [
  { title: 'Approvals', path: 'approvals', icon: 'hand', needs: [anywhere('approvals.request.read')], key: 'W' },
  { title: 'Users', path: 'users', icon: 'users', needs: [whole('identity.member.read')], key: 'U' },
  { title: 'Roles', path: 'roles', icon: 'shield', needs: [whole('identity.role.read')], key: 'R' },
  { title: 'Service accounts', path: 'services', icon: 'bot', needs: [whole('identity.service.read')] },
  {
    title: 'Segregation of duties',
    path: 'segregation-of-duties',
    icon: 'scale',
    needs: [whole('identity.sod-rule.read')],
  },
  { title: 'Access reviews', path: 'reviews', icon: 'list-checks', needs: [whole('identity.review.read')] },
  { title: 'Security', path: 'security', icon: 'lock-keyhole', needs: [whole('identity.policy.read')] },
  {
    title: 'System',
    path: 'system',
    icon: 'activity',
    needs: [whole('platform.projection.read'), anywhere('platform.job.read')],
    key: 'S',
  },
].map((entry) => ({ ...entry, scoped: false }));

export const contexts: readonly ContextEntry[] = [
  {
    title: 'Books',
    icon: 'book-open',
    pages: [page(accountView), page(entryView), ...reports.map(reportPage), page(subledgerLineView), page(importView)],
  },
  { title: 'Administration', icon: 'settings-2', pages: administration },
];
/** Every page there is, for the way back to the one above. */
export const pages: readonly PageEntry[] = contexts.flatMap((context) => context.pages);
