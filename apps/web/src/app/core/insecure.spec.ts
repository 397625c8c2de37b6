import { afterEach, describe, expect, it, vi } from 'vitest';
import { shown, visit, words } from '../../testing/page';
import { everything, house, person, serve } from '../../testing/server';
import { copyText } from './clipboard';
import { onDevice } from './stores';

/* What browsers keep from a page that came over plain http from another machine than their own. */
const insecure = (): void => {
  const { getRandomValues } = crypto;
  vi.stubGlobal('crypto', { getRandomValues: getRandomValues.bind(crypto) });
  vi.stubGlobal('isSecureContext', false);
  vi.stubGlobal('navigator', { ...navigator, userAgent: navigator.userAgent, clipboard: undefined, locks: undefined });
};

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

describe('over plain http, away from localhost', () => {
  it('writes nothing and says nothing: "crypto.randomUUID is not a function"', async () => {
    const log = serve({
      ...house([...everything, 'identity.service.read', 'identity.service.create']),
      'GET /v1/identity/services': { items: [], next: null },
      'POST /v1/identity/services': { id: person.id, version: 1, position: '9' },
    });
    insecure();
    const { element } = await visit('/services');
    (await shown(element, '.acts .btn-main')).click();
    const dialog = await shown(element, 'dialog');
    const name = await shown<HTMLInputElement>(dialog, '[name="name"]');
    name.value = 'Bank feed';
    name.dispatchEvent(new Event('input'));
    (await shown(dialog, 'button[type="submit"]')).click();
    const sent = await vi.waitFor(() => {
      const found = log.find(({ method, path }) => `${method} ${path}` === 'POST /v1/identity/services');
      if (found === undefined) throw new Error('Nothing was sent.');
      return found;
    });
    expect(sent.headers.get('idempotency-key')).toMatch(/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}/);
  });

  it('copies without the clipboard that the browser keeps back, and says where it cannot', async () => {
    insecure();
    const command = vi.fn(() => document.activeElement?.tagName === 'TEXTAREA');
    document.execCommand = command;
    expect(await copyText('1234.50')).toBe(true);
    command.mockReturnValue(false);
    expect(await copyText('1234.50')).toBe(false);
    expect(document.querySelector('textarea')).toBeNull();
  });

  it('says in words that passkeys need https, before the server is asked', async () => {
    const log = serve({
      ...house(everything),
      'GET /v1/identity/sign-in-methods': { passwordReset: false, providers: [] },
    });
    insecure();
    const { element } = await visit('/sign-in');
    (await shown(element, 'button', 'Sign in with a passkey')).click();
    expect(words(await shown(element, '.notice'))).toContain('Passkeys work over https only');
    expect(log.some(({ path }) => path.includes('passkey'))).toBe(false);
  });
});

describe('a store that is switched off', () => {
  it('finds nothing and keeps nothing, and the page goes on', () => {
    vi.stubGlobal('localStorage', undefined);
    expect(onDevice.get('daybook.x')).toBeNull();
    expect(onDevice.set('daybook.x', '1')).toBe(false);
    expect(() => onDevice.remove('daybook.x')).not.toThrow();
  });
});
