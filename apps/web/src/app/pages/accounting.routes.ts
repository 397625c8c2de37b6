import type { Routes } from '@angular/router';
import { asksBeforeLeaving } from '../core/leaving';

/** The wizard is the record of an import too. */
export const tenant: Routes = [
  {
    path: 'imports/:id',
    title: 'Import SAF-T',
    canDeactivate: [asksBeforeLeaving],
    loadComponent: () => import('./import-wizard/import-page').then((m) => m.ImportPage),
  },
];
export const company: Routes = [
  {
    path: 'entries/new',
    title: 'New entry',
    canDeactivate: [asksBeforeLeaving],
    loadComponent: () => import('./entry-form/entry-form-page').then((m) => m.EntryFormPage),
  },
];
