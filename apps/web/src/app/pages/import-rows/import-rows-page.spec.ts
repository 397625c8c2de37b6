import { TestBed } from '@angular/core/testing';
import { Router } from '@angular/router';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { shown, visit, words } from '../../../testing/page';
import { type Asked, company, everything, house, never, Refusal, serve } from '../../../testing/server';

const id = (n: number) => `0195f000-0000-7000-8000-00000000e00${n}`;
const none = {
  planned: 0,
  ready: 0,
  unchecked: 0,
  waits: 0,
  unchanged: 0,
  refused: 0,
  done: 0,
  waiting: 0,
  reverted: 0,
  kept: 0,
};
const rehearsal = (n: number, more: Record<string, unknown> = {}) => ({
  id: id(n), operation: 'accounting.account.add', title: 'Add an account', name: `file-${n}.csv`, phase: 'rehearsal', state: 'done',
  done: 2, total: 2, counts: { ...none, planned: 2, ready: 2 }, created: 2, changed: 0, missing: [], startedAt: '2026-04-30T07:12:41.000Z',
  error: null, ...more,
}); // prettier-ignore
const routes = (read: (asked: Asked) => unknown) => ({
  ...house([...everything, 'platform.import.start', 'platform.import.read']),
  'GET /v1/platform/imports/*': read,
  'GET /v1/platform/imports/*/rows': { items: [], next: null },
  'GET /v1/platform/import-templates': { items: [] },
});
const path = (n: number) => `/c/${company.id}/import?operation=accounting.account.add&import=${id(n)}`;

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('the page of an import', () => {
  it('goes on looking how far it is after a look that failed', async () => {
    const underWay = rehearsal(1, { state: 'running', done: 1 });
    const answers = [underWay, new Refusal(500, 'platform.internal-error', 'It broke.'), underWay, rehearsal(1)];
    serve(routes(() => answers.shift() ?? rehearsal(1)));
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'], shouldAdvanceTime: true });
    const { element } = await visit(path(1));
    await shown(element, 'h2', 'Rehearsal under way');
    for (let look = 0; look < 100 && !words(element).includes('Rehearsal done'); look += 1)
      await vi.advanceTimersByTimeAsync(1000);
    expect(words(element)).toContain('Import 2 rows');
  });

  it('shows and offers nothing of the import that was looked at before', async () => {
    serve(routes(({ path: asked }) => (asked.endsWith(id(1)) ? rehearsal(1) : never)));
    const { element } = await visit(path(1));
    await shown(element, 'button', 'Import 2 rows');
    await TestBed.inject(Router).navigateByUrl(path(2));
    await vi.waitFor(() => expect(words(element)).not.toContain('Import 2 rows'));
    expect(words(element)).not.toContain('file-1.csv');
  });
});
