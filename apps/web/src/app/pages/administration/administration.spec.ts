import { describe, expect, it } from 'vitest';
import { contexts } from '../../views';
import { administrationRoutes, administrationViews } from './administration.routes';

const entries = contexts.find(({ title }) => title === 'Administration')?.pages ?? [];

describe('the pages of administration', () => {
  it('are called in the rail what their declarations call them, and need the same permission in the same place', () => {
    const declared = administrationViews.filter((view) => entries.some(({ path }) => path === view.path));
    expect(declared.length).toBeGreaterThan(5);
    for (const view of declared) {
      const entry = entries.find(({ path }) => path === view.path);
      expect([
        entry?.title,
        entry?.needs.map(({ permission, scope }) => [permission, scope]),
        entry?.icon,
        entry?.key,
      ]).toEqual([view.title, [[view.list.permission, view.list.scope]], view.icon, view.key]);
    }
  });

  it('all have an address, and no id takes the place of a page', () => {
    const paths = administrationRoutes.map(({ path }) => path ?? '');
    for (const { path } of entries.filter(({ path: of }) => of !== 'system')) expect(paths).toContain(path);
    for (const [index, path] of paths.entries()) {
      const before = paths.slice(0, index).filter((one) => one.endsWith('/:id'));
      expect(before.filter((one) => one.split('/')[0] === path.split('/')[0] && path.split('/').length === 2)).toEqual(
        [],
      );
    }
  });

  it('link only to pages that exist', () => {
    const paths = administrationRoutes.map(({ path }) => path ?? '');
    for (const view of administrationViews)
      for (const beside of view.beside ?? []) expect(paths).toContain(beside.path);
  });
});
