import { afterEach, describe, expect, it, vi } from 'vitest';
import { address, shown, visit, words } from '../../testing/page';
import { company, everything, house, Refusal, serve } from '../../testing/server';

const missing = new Refusal(404, 'platform.not-found', 'There is no such company.', { traceId: 'a5bb53dd91b34a04' });
const routes = { ...house(everything), 'GET /v1/accounting/companies/*/trial-balance': missing };
const path = `/c/${company.id}/trial-balance`;

afterEach(() => vi.unstubAllGlobals());

describe('a moment before anything was recorded', () => {
  it('is called an error with a trace id: "The trial balance cannot be found. There is no such company."', async () => {
    serve(routes);
    const { element } = await visit(`${path}?known=2026-11-28T22:59:59.999Z`);
    const state = await shown(element, '.empty', 'nothing recorded yet');
    expect(words(state)).toContain('Nothing had been recorded by');
    expect(words(state)).not.toMatch(/a5bb53dd|no such company|not-found/);
    expect(state.getAttribute('role')).toBe('status');
    (await shown(state, 'button', 'Return to now')).click();
    await vi.waitFor(() => expect(address()).toBe(path));
  });

  it('says now what cannot be found, with code and trace', async () => {
    serve(routes);
    const { element } = await visit(path);
    expect(words(await shown(element, '.empty', 'cannot be found'))).toMatch(/no such company.*a5bb53dd/);
  });
});

describe('what is refused for another reason than a missing permission', () => {
  it('says that reason, and not "It needs …, which you have in single companies only"', async () => {
    const detail = 'This request is about something that you may not read.';
    const refusal = new Refusal(403, 'approvals.record-not-visible', detail);
    serve({ ...routes, 'GET /v1/accounting/companies/*/trial-balance': refusal });
    const { element } = await visit(path);
    const said = words(await shown(element, '.empty', 'not for your role'));
    expect(said).toContain(detail);
    expect(said).not.toMatch(/It needs|An administrator/);
  });
});
