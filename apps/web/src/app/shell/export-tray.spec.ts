import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { shown, visit, words } from '../../testing/page';
import { company, entry, everything, house, Refusal, serve } from '../../testing/server';

const id = '0195f000-0000-7000-8000-0000000e0002';
const read = {
  id,
  list: 'accounting.entry.list',
  format: 'csv',
  startedAt: null,
  endedAt: null,
  error: null,
  manifest: null,
};

beforeEach(() => {
  // What jsdom lacks.
  Object.assign(URL, { createObjectURL: () => 'blob:file', revokeObjectURL: () => undefined });
});
afterEach(() => vi.unstubAllGlobals());

/** The list of entries, an export of which has been asked for; `state` says how far it is. */
async function exported(state: () => unknown) {
  const log = serve({
    ...house([...everything, 'platform.export.start', 'platform.export.read']),
    'GET /v1/accounting/companies/*/entries': { items: [entry(1)], next: null },
    'POST /v1/platform/exports': { id },
    [`GET /v1/platform/exports/${id}`]: state,
    [`POST /v1/platform/exports/${id}/cancel`]: { id },
    [`GET /v1/platform/exports/${id}/file`]: 'number,date',
  });
  const { element } = await visit(`/c/${company.id}/entries`);
  (await shown(element, 'tbody tr')).focus();
  (await shown(element, '[role="menuitem"]', 'decimal point')).click();
  return { log, tray: await shown(element, '.tray'), element };
}

describe('the exports under way', () => {
  it('says "0 rows so far" of an export that has not begun', async () => {
    const { tray } = await exported(() => ({ ...read, rows: 0, state: 'waiting' }));
    await shown(tray, 'p', 'Entries waits for its turn');
  });

  it('loses the focus when an export ends under it, or is closed', async () => {
    let state = 'running';
    const manifest = { name: 'Entries.csv', rows: 1 };
    const { tray } = await exported(() => ({ ...read, rows: 1, state, manifest: state === 'done' ? manifest : null }));
    await shown(tray, 'p', '1 row so far');
    const button = await shown(tray, 'button[aria-label="Cancel: export of Entries"]');
    button.focus();
    state = 'done';
    await shown(tray, 'p', '1 row exported');
    expect(document.activeElement?.getAttribute('aria-label')).toBe('Close: export of Entries');
    button.click();
    await vi.waitFor(() => expect(document.activeElement?.id).toBe('main'));
  });

  it('leaves a failed export no way but to find the list again', async () => {
    let answer: unknown = new Refusal(404, 'platform.export-not-found', 'The file of this export has been deleted.');
    const { tray, log } = await exported(() => answer);
    expect(words(await shown(tray, '.bad', 'has been deleted'))).toContain('platform.export-not-found');
    answer = { ...read, rows: 1, state: 'done', manifest: { name: 'Entries.csv', rows: 1 } };
    (await shown(tray, 'button', 'Try again')).click();
    await shown(tray, 'p', '1 row exported');
    const asked = log.filter(({ method, path }) => method === 'POST' && path === '/v1/platform/exports');
    expect(asked).toHaveLength(2);
    expect(asked[1]?.body).toEqual(asked[0]?.body);
  });
});
