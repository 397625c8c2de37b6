import type { Routes } from '@angular/router';
import { approvalRequestView, ruleView } from '@daybook/approvals';
import {
  sodRuleView,
  grantView,
  invitationView,
  apiKeyView,
  memberView,
  reviewView,
  roleView,
  serviceView,
  delegatedAccessView,
  sodViolationView,
} from '@daybook/identity';
import type { ViewDeclaration } from '@daybook/kernel';
import { asksBeforeLeaving } from '../../core/leaving';
import { routesOf } from '../../archetypes/view-routes';

/** Every declared screen of administration. Longer paths come first: `users/invitations` is no user. */
export const administrationViews: readonly ViewDeclaration[] = [
  ruleView,
  approvalRequestView,
  invitationView,
  delegatedAccessView,
  memberView,
  grantView,
  roleView,
  apiKeyView,
  serviceView,
  sodViolationView,
  sodRuleView,
  reviewView,
];

const rolePage = () => import('./role/role-page').then((m) => m.RolePage);

/** Pages with their own components come before the declared ones. */
export const administrationRoutes: Routes = [
  { path: 'roles/new', title: 'New role', canDeactivate: [asksBeforeLeaving], loadComponent: rolePage },
  ...administrationViews.flatMap(routesOf),
  { path: 'roles/:id', title: '', canDeactivate: [asksBeforeLeaving], loadComponent: rolePage },
  {
    path: 'security',
    title: 'Security',
    loadComponent: () => import('./security/security-page').then((m) => m.SecurityPage),
  },
  {
    path: 'reviews/:id',
    title: '',
    loadComponent: () => import('./review/review-page').then((m) => m.ReviewPage),
  },
];
