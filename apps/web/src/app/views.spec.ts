import type { Route, Routes } from '@angular/router';
import { describe, expect, it } from 'vitest';
import { routesOfContexts } from './archetypes/view-routes';
import { contexts, listed } from './views';

const parts = ['tenant', 'company'] as const;
const loaded = async (route: Route): Promise<Routes> => (await route.loadChildren?.()) as Routes;
const pathsOf = async (part: (typeof parts)[number]) =>
  (await Promise.all(routesOfContexts(listed, part).map(loaded))).map((routes) => routes.map(({ path }) => path ?? ''));

describe('the pages of the contexts', () => {
  it('stand in the rail below their context, in its order, and those who administer below one heading', () => {
    const titles = contexts.map(({ title, pages }) => [title, ...pages.map((page) => page.title)]);
    expect(titles).toEqual([
      ['Books', 'Accounts', 'Entries', 'Trial balance', 'Subledger lines', 'Imports', 'Journals', 'Companies'],
      ['Collaboration', 'Tags'],
      [
        'Administration',
        ...[
          'Approvals',
          'Users',
          'Roles',
          'Service accounts',
          'Segregation of duties',
          'Access reviews',
          'Security',
          'Custom fields',
        ],
        'System',
      ],
    ]);
  });

  it('all have an address, and no id takes the place of a page', async () => {
    for (const part of parts) {
      const groups = await pathsOf(part);
      for (const { pages } of listed)
        for (const { path } of pages.filter(({ scoped }) => scoped === (part === 'company')))
          expect(groups.flat()).toContain(path);
      for (const paths of groups) {
        const firstId = paths.findIndex((path) => path.includes(':'));
        expect(paths.slice(firstId < 0 ? paths.length : firstId).filter((path) => !path.includes(':'))).toEqual([]);
      }
    }
  });

  it('link only to pages that exist', async () => {
    const paths = (await Promise.all(parts.map(pathsOf))).flat(2);
    for (const { load } of listed)
      for (const screen of (await load()).views)
        for (const beside of (screen.kind === 'view' && screen.beside) || []) expect(paths).toContain(beside.path);
  });

  it('are loaded when an address begins with a word of their context, and not for others', () => {
    const [books] = routesOfContexts(listed, 'company');
    const matches = (path: string) =>
      (books?.canMatch?.[0] as (route: Route, segments: object[]) => boolean)(books!, [{ path }]);
    expect(['entries', 'accounts', 'users', 'home'].map(matches)).toEqual([true, true, false, false]);
  });
});
