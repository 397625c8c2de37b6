import type { CanMatchFn, Route, Routes } from '@angular/router';
import type { Screen, ViewDeclaration } from '@daybook/kernel';
import { asksBeforeLeaving } from '../core/leaving';
import { ownRoutes } from '../own-routes.generated';
import { isScoped, type ListedContext } from '../views';

/** Screens of the whole tenant, or below a company. */
type Part = keyof ListedContext['words'];
/** Pages of a context that have components of their own: pages/<context>.routes.ts. */
export type OwnRoutes = Readonly<Partial<Record<Part, Routes>>>;

/** A chunk per context, which is loaded when an address begins with one of its words. */
export const routesOfContexts = (contexts: readonly ListedContext[], part: Part): Routes =>
  contexts
    .filter(({ words }) => words[part].length > 0)
    .map((context) => ({
      path: '',
      canMatch: [beginsWith(context.words[part])],
      loadChildren: async () => {
        const [{ views }, own] = await Promise.all([context.load(), ownRoutes[context.name]?.()]);
        const declared = views.filter((screen) => isScoped(screen) === (part === 'company')).flatMap(routesOf);
        return inOrder([...(own?.[part] ?? []), ...declared]);
      },
    }));

const beginsWith =
  (words: readonly string[]): CanMatchFn =>
  (_, [first]) =>
    first !== undefined && words.includes(first.path);

/** Addresses without parameters come first: `users/invitations` is no user. */
const inOrder = (routes: Routes): Routes => {
  const isFixed = ({ path = '' }: Route) => !path.includes(':');
  return [...routes.filter(isFixed), ...routes.filter((route) => !isFixed(route))];
};

/** The pages of a declared screen: a report; or a list and, where it has one, its record. */
export function routesOf(screen: Screen): Routes {
  if (screen.kind === 'page') return [];
  if (screen.kind === 'view') return [listOf(screen), ...recordOf(screen)];
  const loadComponent = () => import('./report/report-page').then((m) => m.ReportPage);
  return [{ path: screen.path, title: screen.title, data: { report: screen }, loadComponent }];
}

const listOf = (view: ViewDeclaration): Route => ({
  path: view.path.replace(/\{(\w+)\}/g, ':$1'),
  title: view.title.includes('{') ? '' : view.title,
  data: { view },
  loadComponent: () => import('./list/list-page').then((m) => m.ListPage),
});
const recordOf = (view: ViewDeclaration): Routes =>
  view.record === null || view.opens !== undefined
    ? []
    : [
        {
          path: `${view.path}/:id`,
          title: '',
          data: { view },
          canDeactivate: [asksBeforeLeaving],
          loadComponent: () => import('./record/record-page').then((m) => m.RecordPage),
        },
      ];
