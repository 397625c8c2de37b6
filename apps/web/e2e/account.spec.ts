import { TOTP } from 'otpauth';
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { axe, mailedLink, openPage, pathOf, product, signIn } from './browser.js';

/*
 * A person's own account, as a newcomer comes to it: invited by mail, a password, an authenticator app, a passkey, a
 * forgotten password, sessions, keys, a copy of their data.
 */
const newcomer = { email: 'liv.berg@example.com', name: 'Liv Berg', password: 'seven bicycles under snow' };

const codeOf = (secret: string): string => new TOTP({ secret }).generate();
/** A code works once. The one of the next half minute is accepted already, as from a clock that is a little fast. */
const nextCode = (secret: string): string => new TOTP({ secret }).generate({ timestamp: Date.now() + 30_000 });
const heading = (page: Page, name: string | RegExp) => page.getByRole('heading', { level: 1, name }).waitFor();
const confirm = async (page: Page, password: string): Promise<void> => {
  const dialog = page.locator('dialog', { hasText: 'Confirm that it is you' });
  // Asked only where the sign-in is not fresh; a fresh one goes on at once.
  if (await dialog.isVisible()) {
    await dialog.getByLabel('Password').fill(password);
    await dialog.getByRole('button', { name: 'Confirm' }).click();
    await dialog.waitFor({ state: 'hidden' });
  }
};

describe('an account of one person', () => {
  let page: Page;
  let secret = '';
  let used = '';
  let recovery: string[] = [];

  beforeAll(async () => {
    const admin = await openPage({ width: 1280 });
    await signIn(admin);
    await admin.goto('/users/invitations');
    await admin.waitForSelector('.page h1');
    await admin
      .getByRole('button', { name: /Invite/ })
      .first()
      .click();
    const dialog = admin.locator('dialog');
    await dialog.getByLabel('E-mail').fill(newcomer.email);
    await dialog.getByLabel('Role').selectOption({ label: 'Accountant' });
    await dialog.getByRole('button', { name: /Invite/ }).click();
    await dialog.waitFor({ state: 'hidden' });
    await admin.close();
    page = await openPage({ width: 1280 });
  });

  it('is created from an invitation link, whose token does not stay in the address', async () => {
    const link = await mailedLink(newcomer.email, 'invitation');
    await page.goto(pathOf(link));
    await heading(page, /^Join /);
    expect(page.url()).not.toContain('token');
    expect(await axe(page)).toEqual([]);
    await page.getByLabel('Your name').fill(newcomer.name);
    await page.getByLabel('Password', { exact: true }).fill('password');
    await page.keyboard.press('Enter');
    await page.locator('.notice.bad').waitFor();
    await page.getByLabel('Password', { exact: true }).fill(newcomer.password);
    await page.keyboard.press('Enter');
    await page.waitForSelector('.rail');
    await page.goto(pathOf(link));
    await page.getByText('This link does not work').waitFor();
    expect(await axe(page)).toEqual([]);
  });

  it('adds an authenticator app, and shows its recovery codes once', async () => {
    await page.goto('/account/sign-in');
    await heading(page, 'Your account');
    expect(await axe(page)).toEqual([]);
    await page.getByRole('button', { name: 'Add an authenticator app' }).click();
    await page.locator('.qr').waitFor();
    secret = (await page.locator('.qr-row code').innerText()).trim();
    expect(await axe(page)).toEqual([]);
    await page.getByLabel('Code', { exact: true }).fill('000000');
    await page.getByRole('button', { name: 'Confirm the app' }).click();
    await page.locator('.setting .notice.bad').waitFor();
    used = codeOf(secret);
    await page.getByLabel('Code', { exact: true }).fill(used);
    await page.getByRole('button', { name: 'Confirm the app' }).click();
    await page.getByRole('heading', { name: 'Recovery codes' }).waitFor();
    recovery = await page.locator('.recovery li').allInnerTexts();
    expect(new Set(recovery).size).toBe(10);
    expect(await axe(page)).toEqual([]);
    await page.getByRole('button', { name: 'They are kept' }).click();
    await page.getByText('10 recovery codes are left').waitFor();
  });

  it('asks for a code at the next sign-in, and accepts each code and recovery code only once', async () => {
    const other = await openPage({ width: 390, height: 800 });
    await other.goto('/sign-in');
    await other.fill('#mail', newcomer.email);
    await other.fill('#pass', newcomer.password);
    await other.keyboard.press('Enter');
    await heading(other, 'Second factor');
    expect(await axe(other)).toEqual([]);
    await other.fill('#code', used);
    await other.keyboard.press('Enter');
    await other.locator('.notice.bad').waitFor();
    await other.getByRole('button', { name: 'Use a recovery code' }).click();
    await heading(other, 'Recovery code');
    await other.fill('#code', recovery[0] ?? '');
    await other.keyboard.press('Enter');
    await other.waitForSelector('main.page');
    await other.goto('/account/sign-in');
    await other.getByText('9 recovery codes are left').waitFor();
    await other.close();
  });

  it('adds a passkey, and signs in with it alone', async () => {
    const devtools = await page.context().newCDPSession(page);
    await devtools.send('WebAuthn.enable');
    await devtools.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2',
        transport: 'internal',
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    });
    await page.goto('/account/sign-in');
    await page.getByLabel('Device name').fill('Laptop');
    await page.getByRole('button', { name: 'Add a passkey' }).click();
    await confirm(page, newcomer.password);
    await page.locator('.own-list b', { hasText: 'Laptop' }).waitFor();
    expect(await axe(page)).toEqual([]);
    await page.locator('button.me').click();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.waitForURL(/\/sign-in/);
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
    await page.waitForSelector('.rail');
  });

  it('sets a forgotten password by mail, which ends every session, and still asks for the second factor', async () => {
    const asking = await openPage({ width: 1280 });
    await asking.goto('/sign-in');
    await asking.getByRole('link', { name: 'Forgot your password?' }).click();
    await heading(asking, 'Forgotten password');
    expect(await axe(asking)).toEqual([]);
    await asking.getByLabel('E-mail').fill('nobody.here@example.com');
    await asking.keyboard.press('Enter');
    await heading(asking, 'Look into your mail');
    await asking.goto('/password');
    await asking.getByLabel('E-mail').fill(newcomer.email);
    await asking.keyboard.press('Enter');
    await heading(asking, 'Look into your mail');
    await asking.goto('about:blank');
    await asking.goto(pathOf(await mailedLink(newcomer.email, 'password/new')));
    await heading(asking, 'New password');
    expect(await axe(asking)).toEqual([]);
    newcomer.password = 'eleven lanterns over water';
    await asking.getByLabel('New password').fill(newcomer.password);
    await asking.keyboard.press('Enter');
    await heading(asking, 'The password is new');
    await page.goto('/account/sessions');
    await page.waitForURL(/\/sign-in/);
    await asking.goto('/sign-in');
    await asking.fill('#mail', newcomer.email);
    await asking.fill('#pass', newcomer.password);
    await asking.keyboard.press('Enter');
    await heading(asking, 'Second factor');
    await asking.fill('#code', nextCode(secret));
    await asking.keyboard.press('Enter');
    await asking.waitForSelector('.rail');
    await asking.close();
  });

  it('lists its sessions and ends one of them, which is refused at its next request', async () => {
    const here = await openPage({ width: 1280 });
    await here.goto('/sign-in');
    await here.fill('#mail', newcomer.email);
    await here.fill('#pass', newcomer.password);
    await here.keyboard.press('Enter');
    await heading(here, 'Second factor');
    await here.getByRole('button', { name: 'Use a recovery code' }).click();
    await here.fill('#code', recovery[1] ?? '');
    await here.keyboard.press('Enter');
    await here.waitForSelector('.rail');
    await here.goto('/account/sessions');
    await here.getByText('This one').waitFor();
    expect(await axe(here)).toEqual([]);
    expect(await here.locator('tbody tr').count()).toBeGreaterThanOrEqual(2);
    await here.getByRole('button', { name: 'End all others' }).click();
    await here.locator('.toast', { hasText: 'All other sessions ended' }).waitFor();
    await expect.poll(() => here.locator('tbody tr').count()).toBe(1);
    page = here;
  });

  it('issues a key that is shown once, and revokes it', async () => {
    await page.goto('/account/api-keys');
    await page.getByRole('button', { name: 'Issue an API key' }).click();
    await page.getByLabel('Name').fill('Nightly export');
    expect(await axe(page)).toEqual([]);
    await page.getByRole('button', { name: 'Issue the key' }).click();
    await confirm(page, newcomer.password);
    const key = await page.getByLabel('The key').inputValue();
    expect(key).toMatch(/^dbk_/);
    const ask = () =>
      fetch(`${product().url}/v1/accounting/companies`, { headers: { authorization: `Bearer ${key}` } });
    expect((await ask()).status).toBe(200);
    await page.getByRole('button', { name: 'It is kept' }).click();
    expect(await page.content()).not.toContain(key);
    await page.getByRole('button', { name: 'Revoke Nightly export' }).click();
    await page.locator('.toast', { hasText: 'Revoked' }).waitFor();
    expect((await ask()).status).toBe(401);
  });

  it('allows delegated access, and shows and downloads the personal data', async () => {
    await page.goto('/account/delegated-access');
    await page.getByLabel('E-mail of your delegate').fill(product().email);
    await page.getByLabel('Reason').fill('The trial balance looks odd');
    await page.getByRole('button', { name: 'Allow', exact: true }).click();
    await confirm(page, newcomer.password);
    await page.locator('.own-list').getByText('may act for you').waitFor();
    expect(await axe(page)).toEqual([]);
    await page.goto('/account/data');
    await page.getByRole('button', { name: 'Show my data' }).click();
    await confirm(page, newcomer.password);
    await page.locator('.data-copy', { hasText: newcomer.name }).waitFor();
    expect(await page.locator('.data-copy').innerText()).toContain(newcomer.email);
    expect(await axe(page)).toEqual([]);
  });

  it('lets a delegate act, with a banner, until they stop', async () => {
    const helper = await openPage({ width: 1280 });
    await signIn(helper);
    await helper.goto('/account/delegated-access');
    await helper.getByRole('button', { name: `Act for ${newcomer.name}` }).click();
    await helper.locator('.band.acting', { hasText: newcomer.name }).waitFor();
    expect(await axe(helper)).toEqual([]);
    await helper.getByRole('button', { name: 'Stop' }).click();
    await helper.locator('.band.acting').waitFor({ state: 'hidden' });
    await helper.close();
  });

  it('changes its name, and its address by a link to the new one', async () => {
    await page.goto('/account/profile');
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Liv Berg Moen');
    await page.getByRole('button', { name: 'Save name' }).click();
    await page.locator('.toast', { hasText: 'Liv Berg Moen' }).waitFor();
    await page.getByLabel('New e-mail').fill('liv.moen@example.com');
    await page.getByRole('button', { name: 'Send the link' }).click();
    await confirm(page, newcomer.password);
    await page.getByText('A link is on its way').waitFor();
    expect(await axe(page)).toEqual([]);
    await page.goto('about:blank');
    await page.goto(pathOf(await mailedLink('liv.moen@example.com', 'email')));
    await heading(page, 'The address is changed');
    expect(await axe(page)).toEqual([]);
  });
});
