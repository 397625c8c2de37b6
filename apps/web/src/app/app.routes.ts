import { inject } from '@angular/core';
import { type CanActivateFn, Router, type Routes } from '@angular/router';
import type { ViewDeclaration } from '@daybook/kernel';
import { Session } from './core/session';
import { Shell } from './shell/shell';
import { isScoped, reports, views } from './views';

/** A page needs a session; one left over from the last visit is continued by its cookie. */
const signedIn: CanActivateFn = async (_, state) => {
  const session = inject(Session);
  const router = inject(Router);
  if (session.signedIn() || (await session.refresh())) return true;
  return router.createUrlTree(['/sign-in'], { queryParams: state.url === '/' ? {} : { to: state.url } });
};

const ofView = (view: ViewDeclaration): Routes => [
  {
    path: view.path.replace(/\{(\w+)\}/g, ':$1'),
    title: view.title.includes('{') ? '' : view.title,
    data: { view },
    loadComponent: () => import('./archetypes/list/list-page').then((m) => m.ListPage),
  },
  ...(view.record === null
    ? []
    : [
        {
          path: `${view.path}/:id`,
          title: '',
          data: { view },
          loadComponent: () => import('./archetypes/record/record-page').then((m) => m.RecordPage),
        },
      ]),
];
const home = () => import('./pages/home/home-page').then((m) => m.HomePage);

/** Pages with Angular of their own stand before the declared ones, whose `:id` would take their place. */
export const routes: Routes = [
  {
    path: 'sign-in',
    title: 'Sign in',
    loadComponent: () => import('./pages/sign-in/sign-in-page').then((m) => m.SignInPage),
  },
  {
    path: '',
    canActivate: [signedIn],
    component: Shell,
    children: [
      { path: '', pathMatch: 'full', title: 'Home', loadComponent: home },
      {
        path: 'system',
        title: 'System',
        loadComponent: () => import('./pages/system/system-page').then((m) => m.SystemPage),
      },
      // The wizard is the record of an import too.
      {
        path: 'imports/:id',
        title: 'Import SAF-T',
        loadComponent: () => import('./pages/import-wizard/import-page').then((m) => m.ImportPage),
      },
      ...views.filter((view) => !isScoped(view)).flatMap(ofView),
      {
        path: 'c/:companyId',
        children: [
          { path: '', pathMatch: 'full', title: 'Home', loadComponent: home },
          {
            path: 'entries/new',
            title: 'New entry',
            loadComponent: () => import('./pages/entry-form/entry-form-page').then((m) => m.EntryFormPage),
          },
          ...reports.map((report) => ({
            path: report.path,
            title: report.title,
            data: { report },
            loadComponent: () => import('./archetypes/report/report-page').then((m) => m.ReportPage),
          })),
          ...views.filter(isScoped).flatMap(ofView),
        ],
      },
      {
        path: '**',
        title: 'Not here',
        loadComponent: () => import('./pages/not-here-page').then((m) => m.NotHerePage),
      },
    ],
  },
];
