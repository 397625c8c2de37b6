import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { address, shown, visit, words } from '../../../testing/page';
import { type Asked, house, Refusal, serve, session } from '../../../testing/server';

/* Every way in, and what the page says when it is closed. */
const nordlys = { providerId: '0195f000-0000-7000-8000-0000000000c1', label: 'Nordlys ID', host: 'id.nordlys.example' };
const fjord = { providerId: '0195f000-0000-7000-8000-0000000000c2', label: 'Fjord login', host: 'login.fjord.example' };
const nobody = {
  ...house(),
  'POST /v1/identity/session/refresh': new Refusal(401, 'identity.session-ended', 'The session has ended.'),
  'GET /v1/identity/session/methods': ({ query }: Asked) => ({
    providers: [nordlys, ...(query.get('domain') === 'fjord.example' ? [fjord] : [])],
    passwordReset: true,
  }),
};
const type = (element: Element, selector: string, text: string): void => {
  const box = element.querySelector<HTMLInputElement>(selector)!;
  box.value = text;
  box.dispatchEvent(new Event('input'));
};
const submit = (element: Element): boolean =>
  element.querySelector('form')!.dispatchEvent(new Event('submit', { cancelable: true }));

afterEach(() => vi.unstubAllGlobals());
beforeEach(() => sessionStorage.clear());

describe('the sign-in page', () => {
  it('names the field that is missing, and asks the server nothing', async () => {
    const log = serve(nobody);
    const { element } = await visit('/sign-in');
    await shown(element, 'h1', 'Sign in');
    submit(element);
    await shown(element, '.hint.bad', 'Enter your e-mail address.');
    expect(log.some(({ path, method }) => method === 'POST' && path === '/v1/identity/session')).toBe(false);
  });

  it('asks for the second factor where there is one, and arrives', async () => {
    const log = serve({
      ...nobody,
      'POST /v1/identity/session': new Refusal(401, 'identity.mfa-required', 'A second factor is needed.', {
        details: { ticket: 'ticket-1', methods: ['totp', 'recovery-code'] },
      }),
      'POST /v1/identity/session/mfa': session([]),
    });
    const { element } = await visit('/sign-in?to=/account/profile');
    await shown(element, 'h1', 'Sign in');
    type(element, '#mail', 'ingrid@nordlys.example');
    type(element, '#pass', 'a long password');
    submit(element);
    await shown(element, 'h1', 'Second factor');
    expect(element.querySelector<HTMLInputElement>('#code')?.autocomplete).toBe('one-time-code');
    type(element, '#code', '123456');
    submit(element);
    await vi.waitFor(() => expect(address()).toBe('/account/profile'), { timeout: 3000 });
    const sent = log.find(({ path }) => path.endsWith('/mfa'));
    expect(sent?.body).toEqual({ ticket: 'ticket-1', code: '123456' });
  });

  it('accepts a recovery code instead of a code from the app', async () => {
    const log = serve({
      ...nobody,
      'POST /v1/identity/session': new Refusal(401, 'identity.mfa-required', 'A second factor is needed.', {
        details: { ticket: 'ticket-1', methods: ['totp', 'recovery-code'] },
      }),
      'POST /v1/identity/session/mfa': new Refusal(401, 'identity.mfa-invalid', 'This code was used before.'),
    });
    const { element } = await visit('/sign-in');
    await shown(element, 'h1', 'Sign in');
    type(element, '#mail', 'ingrid@nordlys.example');
    type(element, '#pass', 'a long password');
    submit(element);
    (await shown<HTMLButtonElement>(element, 'button', 'Use a recovery code')).click();
    await shown(element, 'h1', 'Recovery code');
    type(element, '#code', 'abcd-efgh');
    submit(element);
    await shown(element, '.notice', 'This code was used before.');
    expect(log.find(({ path }) => path.endsWith('/mfa'))?.body).toEqual({
      ticket: 'ticket-1',
      recoveryCode: 'abcd-efgh',
    });
  });

  it('offers the providers there are, and the way to a forgotten password', async () => {
    serve(nobody);
    const { element } = await visit('/sign-in');
    await shown(element, 'button', 'Sign in with Nordlys ID');
    const link = await shown<HTMLAnchorElement>(element, 'a', 'Forgot your password?');
    expect(link.getAttribute('href')).toBe('/password');
  });

  it('offers the SSO providers of the e-mail domain below the others, and does not send the address', async () => {
    const log = serve(nobody);
    const { element } = await visit('/sign-in');
    await shown(element, 'button', 'Sign in with Nordlys ID');
    type(element, '#mail', 'kari@Fjord.example');
    await shown(element, 'button', 'Sign in with Fjord login');
    expect(words(element.querySelector('[role=status]')!)).toBe('Sign in with Fjord login is offered below.');
    expect([...element.querySelectorAll('.sign-provider')].map(words)).toEqual([
      'Sign in with Nordlys ID Leads to id.nordlys.example.',
      'Sign in with Fjord login Leads to login.fjord.example.',
    ]);
    submit(element);
    await shown(element, '.hint.bad', 'or sign in with Nordlys ID or Fjord login below.');
    type(element, '#mail', 'kari@');
    await vi.waitFor(() => expect(element.querySelectorAll('.sign-provider')).toHaveLength(1));
    expect(log.filter(({ path }) => path.endsWith('/methods')).map(({ query }) => query.get('domain'))).toEqual([
      null,
      'fjord.example',
    ]);
    expect(JSON.stringify(log.map(({ query }) => String(query)))).not.toContain('kari');
  });

  it('says at its button that a provider is down', async () => {
    serve({
      ...nobody,
      'POST /v1/identity/session/sso': new Refusal(503, 'identity.sso-provider-unreachable', 'It cannot be reached.'),
    });
    const { element } = await visit('/sign-in');
    (await shown<HTMLButtonElement>(element, 'button', 'Sign in with Nordlys ID')).click();
    await shown(element, '.sign-provider .notice', 'It cannot be reached.');
    expect(element.querySelectorAll('.notice')).toHaveLength(1);
  });

  it('shows what failed with its code, and keeps what was typed', async () => {
    serve({
      ...nobody,
      'POST /v1/identity/session': new Refusal(401, 'identity.sign-in-failed', 'E-mail and password do not match.'),
    });
    const { element } = await visit('/sign-in');
    await shown(element, 'h1', 'Sign in');
    type(element, '#mail', 'ingrid@nordlys.example');
    type(element, '#pass', 'wrong');
    submit(element);
    await shown(element, '.notice', 'E-mail and password do not match.');
    expect(words(element)).toContain('identity.sign-in-failed');
    expect(element.querySelector<HTMLInputElement>('#mail')?.value).toBe('ingrid@nordlys.example');
  });
});

describe('coming back from a provider', () => {
  const refused = {
    ...nobody,
    'POST /v1/identity/session/sso/callback': new Refusal(401, 'identity.sso-denied', 'It was cancelled there.'),
  };

  it('without success leads back to the sign-in page, and from there to where the person was going', async () => {
    serve(refused);
    sessionStorage.setItem('daybook.going-to', '/account/profile');
    const { element } = await visit('/sign-in/sso?error=access_denied');
    await shown(element, 'h1', 'Not signed in');
    await shown(element, '.notice', 'It was cancelled there.');
    expect(element.querySelector<HTMLAnchorElement>('a.btn')?.getAttribute('href')).toBe(
      '/sign-in?to=%2Faccount%2Fprofile',
    );
  });

  it('without a link leads back to the account', async () => {
    serve({ ...refused, 'POST /v1/identity/session/refresh': session([]) });
    sessionStorage.setItem('daybook.going-to', '/account/sign-in');
    sessionStorage.setItem('daybook.linking', 'yes');
    const { element } = await visit('/sign-in/sso?error=access_denied');
    await shown(element, 'h1', 'Not linked');
    expect(element.querySelector<HTMLAnchorElement>('a.btn')?.getAttribute('href')).toBe('/account/sign-in');
  });
});

describe('a tenant that asks for a second factor', () => {
  it('leads a person without one to their account, whatever page they wanted', async () => {
    serve({
      ...house(),
      'POST /v1/identity/session/refresh': { ...session([]), restricted: 'mfa-setup-required' },
      'GET /v1/identity/own/mfa-methods': { password: null, totp: null, recoveryCodesLeft: 0, passkeys: [] },
      'GET /v1/identity/own/sso-accounts': { items: [] },
    });
    const { element } = await visit('/system');
    await shown(element, '.notice', 'asks everybody for a second factor');
    expect(address()).toBe('/account/sign-in');
  });
});
