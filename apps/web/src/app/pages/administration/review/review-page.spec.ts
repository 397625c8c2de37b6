import { afterEach, describe, expect, it, vi } from 'vitest';
import { press, shown, visit, words } from '../../../../testing/page';
import { type Asked, everything, house, Refusal, serve } from '../../../../testing/server';
import { ids, item, review } from '../testing/answers';
import { revoked } from './review-model';

const may = [...everything, 'identity.review.read', 'identity.review.decide', 'identity.review.close'];
const items = [item(1), item(2, { own: true }), item(3)];
const routes = (more: Record<string, unknown> = {}) => ({
  ...house(may),
  'GET /v1/identity/reviews/*': review(),
  'GET /v1/identity/reviews/*/items': { items, next: null },
  'POST /v1/identity/reviews/*/items/*': { id: ids.review, version: 2, position: '9' },
  ...more,
});
const path = `/reviews/${ids.review}`;
const answer = (element: Element, text: string): void => {
  const field = element.querySelector<HTMLInputElement>('#review-reason');
  if (field === null) throw new Error('No reason is asked for.');
  field.value = text;
  field.dispatchEvent(new Event('input'));
  field.closest('form')?.dispatchEvent(new Event('submit', { cancelable: true }));
};
const here = (element: Element): string => words(element.querySelector('tr.item.here th') ?? element);
const decisions = (log: readonly Asked[]) => log.filter((one) => one.method === 'POST' && one.path.includes('/items/'));

afterEach(() => vi.unstubAllGlobals());

describe('the access review', () => {
  it('is worked through by keyboard: 1 keeps, 2 revokes, each with a reason, and it goes on to the next', async () => {
    const log = serve(routes());
    const { element } = await visit(path);
    await shown(element, 'tr.item');
    expect(words(await shown(element, '.sub'))).toContain('2026-1');
    expect(words(await shown(element, '.review-progress'))).toContain('0 of 3 decided');
    press('1');
    await shown(element, 'label', 'Why keep Accountant of Person 1');
    answer(element, 'Does the books');
    await shown(element, '.badge', 'Kept');
    // Person 2 is the reader: somebody else decides.
    await vi.waitFor(() => expect(here(element)).toBe('Person 3'));
    press('2');
    await shown(element, 'label', 'Why revoke Accountant of Person 3');
    answer(element, 'Left in March');
    await shown(element, '.badge.warn', 'Revoked');
    expect(decisions(log).map(({ body }) => body)).toEqual([
      { decision: 'keep', reason: 'Does the books' },
      { decision: 'revoke', reason: 'Left in March' },
    ]);
    expect(words(await shown(element, '.review-progress'))).toContain('2 of 3 decided 1 kept, 1 revoked, 1 left');
  });

  it('shows a grant as revoked once that is carried out, without reading the list again', () => {
    const rows = [item(1, { state: 'revoking', decision: 'revoke' }), item(2, { state: 'kept', decision: 'keep' })];
    expect(revoked(rows).map(({ state, revocation }) => [state, revocation])).toEqual([
      ['revoked', 'revoked'],
      ['kept', null],
    ]);
  });

  it('asks for a reason, and Esc leaves the row as it was', async () => {
    const log = serve(routes());
    const { element } = await visit(path);
    await shown(element, 'tr.item');
    press('2');
    await shown(element, '#review-reason');
    answer(element, ' ');
    await shown(element, '#review-fault', 'Give a reason.');
    press('Escape');
    await vi.waitFor(() => expect(element.querySelector('#review-reason')).toBeNull());
    expect(decisions(log)).toEqual([]);
  });

  it("leaves the reader's own grants to somebody else", async () => {
    serve(routes());
    const { element } = await visit(path);
    await shown(element, 'tr.item');
    const own = await shown(element, 'tr.item', 'Person 2');
    expect(words(own)).toContain('Yours: somebody else decides');
    expect(own.querySelector('button')).toBeNull();
  });

  it('shows a refusal at the decision, and keeps the reason', async () => {
    const last = new Refusal(409, 'identity.last-admin', 'Somebody must stay an Admin.');
    serve(routes({ 'POST /v1/identity/reviews/*/items/*': last }));
    const { element } = await visit(path);
    await shown(element, 'tr.item');
    press('2');
    await shown(element, '#review-reason');
    answer(element, 'Not needed');
    await shown(element, '#review-fault', 'Somebody must stay an Admin. identity.last-admin');
    expect(element.querySelector<HTMLInputElement>('#review-reason')?.value).toBe('Not needed');
  });

  it('can be closed when all is decided, and then nothing can be decided', async () => {
    const kept = [item(1, { state: 'kept', decision: 'keep', reason: 'Needed' })];
    serve(
      routes({
        'GET /v1/identity/reviews/*': review({ left: 0 }),
        'GET /v1/identity/reviews/*/items': { items: kept, next: null },
      }),
    );
    const { element } = await visit(path);
    await shown(element, '.acts .btn-main', 'Close review…');
    expect(words(await shown(element, '.empty'))).toContain('Everything is decided');
  });
});
