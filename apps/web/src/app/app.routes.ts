import { inject } from '@angular/core';
import { type CanActivateFn, type Route, Router, type Routes } from '@angular/router';
import { routesOfContexts } from './archetypes/view-routes';
import { Session } from './core/session';
import { Shell } from './shell/shell';
import { listed } from './views';

/** A page needs a session; one left over from the last visit is continued by its cookie. */
const signedIn: CanActivateFn = async (_, state) => {
  const session = inject(Session);
  const router = inject(Router);
  if (session.signedIn() || (await session.refresh())) {
    // The tenant asks for a second factor: until there is one, only the own account is open.
    const bound = session.current()?.restricted != null && !state.url.startsWith('/account');
    return bound ? router.createUrlTree(['/account/sign-in']) : true;
  }
  return router.createUrlTree(['/sign-in'], { queryParams: state.url === '/' ? {} : { to: state.url } });
};

const importing: Route = {
  path: 'import',
  title: 'Import',
  loadComponent: () => import('./pages/import-rows/import-rows-page').then((m) => m.ImportRowsPage),
};
const home = () => import('./pages/home/home-page').then((m) => m.HomePage);

export const routes: Routes = [
  {
    path: 'sign-in',
    title: 'Sign in',
    loadComponent: () => import('./pages/sign-in/sign-in-page').then((m) => m.SignInPage),
  },
  {
    path: 'sign-in/sso',
    title: 'Sign in',
    loadComponent: () => import('./pages/sign-in/sso-page').then((m) => m.SsoPage),
  },
  {
    path: 'invitation',
    title: 'Invitation',
    loadComponent: () => import('./pages/email-link/invitation-page').then((m) => m.InvitationPage),
  },
  {
    path: 'password',
    title: 'Forgotten password',
    loadComponent: () => import('./pages/email-link/password-page').then((m) => m.PasswordPage),
  },
  {
    path: 'password/new',
    title: 'New password',
    loadComponent: () => import('./pages/email-link/new-password-page').then((m) => m.NewPasswordPage),
  },
  {
    path: 'email',
    title: 'Confirm an address',
    loadComponent: () => import('./pages/email-link/email-page').then((m) => m.EmailPage),
  },
  {
    path: '',
    canActivate: [signedIn],
    canActivateChild: [signedIn],
    component: Shell,
    children: [
      { path: '', pathMatch: 'full', title: 'Home', loadComponent: home },
      {
        path: 'system',
        title: 'System',
        loadComponent: () => import('./pages/system/system-page').then((m) => m.SystemPage),
      },
      {
        path: 'account',
        children: [
          { path: '', pathMatch: 'full', redirectTo: 'profile' },
          {
            path: ':tab',
            title: 'Your account',
            loadComponent: () => import('./pages/account/account-page').then((m) => m.AccountPage),
          },
        ],
      },
      {
        path: 'c/:companyId',
        children: [
          { path: '', pathMatch: 'full', title: 'Home', loadComponent: home },
          importing,
          ...routesOfContexts(listed, 'company'),
        ],
      },
      importing,
      ...routesOfContexts(listed, 'tenant'),
      {
        path: '**',
        title: 'Not here',
        loadComponent: () => import('./pages/not-here-page').then((m) => m.NotHerePage),
      },
    ],
  },
];
