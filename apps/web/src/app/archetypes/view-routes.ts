import type { Routes } from '@angular/router';
import type { ViewDeclaration } from '@daybook/kernel';
import { asksBeforeLeaving } from '../core/leaving';

/** The pages of a declared view: its list and, where it has one, its record. */
export const routesOf = (view: ViewDeclaration): Routes => [
  {
    path: view.path.replace(/\{(\w+)\}/g, ':$1'),
    title: view.title.includes('{') ? '' : view.title,
    data: { view },
    loadComponent: () => import('./list/list-page').then((m) => m.ListPage),
  },
  ...(view.record === null
    ? []
    : [
        {
          path: `${view.path}/:id`,
          title: '',
          data: { view },
          canDeactivate: [asksBeforeLeaving],
          loadComponent: () => import('./record/record-page').then((m) => m.RecordPage),
        },
      ]),
];
