import { TestBed } from '@angular/core/testing';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Confirmation } from '../../core/confirmation';
import { address, shown, visit } from '../../../testing/page';
import { house, serve } from '../../../testing/server';

afterEach(() => vi.unstubAllGlobals());

const asked = async (factors: Record<string, unknown>) => {
  const log = serve({
    ...house(),
    'GET /v1/identity/own/mfa-methods': { password: null, totp: null, recoveryCodesLeft: 0, passkeys: [], ...factors },
    'POST /v1/identity/session/close': { closed: true },
    'GET /v1/identity/session/methods': { providers: [], passwordReset: true },
  });
  const { element } = await visit('/account/sessions');
  const confirmed = TestBed.inject(Confirmation).ask();
  return { log, confirmed, dialog: await shown(element, 'dialog', 'Confirm that it is you') };
};

describe('confirming that it is you', () => {
  it('asks for the password where there is one, and for the code of the app where there is none', async () => {
    const { dialog } = await asked({ totp: { since: '2026-11-20T08:00:00.000Z' } });
    await shown(dialog, 'label', 'Code from your authenticator app');
  });

  it('sends users with nothing to confirm with through sign-in, and back', async () => {
    const { dialog, confirmed, log } = await asked({});
    (await shown(dialog, 'button', 'Sign in again')).click();
    expect(await confirmed).toBe(false);
    await vi.waitFor(() => expect(address()).toBe('/sign-in?to=%2Faccount%2Fsessions'));
    expect(log.some(({ path }) => path === '/v1/identity/session/close')).toBe(true);
  });
});
