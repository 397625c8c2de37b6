import type { Routes } from '@angular/router';
import { asksBeforeLeaving } from '../core/leaving';

const rolePage = () => import('./administration/role/role-page').then((m) => m.RolePage);

export const tenant: Routes = [
  { path: 'roles/new', title: 'New role', canDeactivate: [asksBeforeLeaving], loadComponent: rolePage },
  { path: 'roles/:id', title: '', canDeactivate: [asksBeforeLeaving], loadComponent: rolePage },
  {
    path: 'security',
    title: 'Security',
    loadComponent: () => import('./administration/security/security-page').then((m) => m.SecurityPage),
  },
  {
    path: 'reviews/:id',
    title: '',
    canDeactivate: [asksBeforeLeaving],
    loadComponent: () => import('./administration/review/review-page').then((m) => m.ReviewPage),
  },
];
