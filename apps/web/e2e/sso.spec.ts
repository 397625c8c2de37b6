import { TestOidcProvider } from '@daybook/identity/testing/test-oidc-provider';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { removeRules } from './approval-rules.js';
import { axe, errorsOf, mailedLink, openPage, type PageOptions, pathOf, product, signIn } from './browser.js';

/*
 * Signing in by an outside provider: a real one on this machine, with its own pages. Its Admin sets it up, a person links
 * it, signs in by it on another device, and everything that can go wrong on the way says so and leads on.
 */
const nora = { email: 'nora.vik@example.com', name: 'Nora Vik', password: 'four otters under ice', login: 'nora' };
const label = 'Fjord login';
const desk = { width: 1440, height: 900 } as const;
const phone = { width: 390, height: 844, theme: 'dark' } as const;

/** The provider's pages ask for a font of the web: nothing here waits for it. */
const visitor = async (options: PageOptions): Promise<Page> => {
  const page = await openPage(options);
  await page.route('https://fonts.googleapis.com/**', (route) => route.abort());
  return page;
};
const dialogOf = (page: Page) => page.locator('dialog[open]');
const heading = (page: Page, name: string | RegExp) => page.getByRole('heading', { level: 1, name }).waitFor();
const button = (page: Page) => page.getByRole('button', { name: `Sign in with ${label}` });
/** No violation and nothing in the browser's log but what is expected: a refusal is a failed request to it. */
const clean = async (page: Page): Promise<void> => {
  expect(await axe(page)).toEqual([]);
  expect(errorsOf(page).filter((error) => !error.includes('Failed to load resource'))).toEqual([]);
};

describe('an SSO provider', { timeout: 120_000 }, () => {
  let outside: TestOidcProvider;
  let admin: Page;
  let hers: Page;
  let wanted = '';

  /** The provider's own sign-in and consent pages, by keyboard only. */
  const throughItsPages = async (page: Page, login: string): Promise<void> => {
    await page.waitForURL(`${outside.issuer}/interaction/*`);
    await page.locator('input[name=login]').focus();
    await page.keyboard.type(login);
    await page.keyboard.press('Tab');
    await page.keyboard.type('any password will do there');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Authorize' }).waitFor();
  };
  const consent = async (page: Page): Promise<void> => {
    await page.getByRole('button', { name: 'Continue' }).focus();
    await page.keyboard.press('Enter');
  };
  const typeAddress = async (page: Page, email: string): Promise<void> => {
    await page.locator('#mail').focus();
    await page.keyboard.type(email);
    await button(page).waitFor();
  };
  const stepUp = async (page: Page, password: string): Promise<void> => {
    const dialog = page.locator('dialog', { hasText: 'Confirm that it is you' });
    await dialog.waitFor();
    expect(await axe(page)).toEqual([]);
    await dialog.getByLabel('Password').fill(password);
    await dialog.getByRole('button', { name: 'Confirm' }).click();
    await dialog.waitFor({ state: 'detached' });
  };

  beforeAll(async () => {
    outside = await TestOidcProvider.open(`${product().url}/sign-in/sso`, { pages: true });
    outside.outsiders.set('the-admin', { sub: 'the-admin', email: product().email, verified: true });
    admin = await visitor(desk);
    await signIn(admin);
    await admin.goto('/users/invitations');
    await admin
      .getByRole('button', { name: /^Invite/ })
      .first()
      .click();
    await dialogOf(admin).getByLabel('E-mail').fill(nora.email);
    await dialogOf(admin).getByLabel('Role').selectOption({ label: 'Accountant' });
    await dialogOf(admin).getByRole('button', { name: 'Invite' }).click();
    await dialogOf(admin).waitFor({ state: 'detached' });
    hers = await visitor(desk);
    await hers.goto(pathOf(await mailedLink(nora.email, 'invitation')));
    await hers.getByLabel('Your name').fill(nora.name);
    await hers.getByLabel('Password', { exact: true }).fill(nora.password);
    await hers.keyboard.press('Enter');
    await hers.waitForSelector('.rail');
    wanted = (await hers.locator('.rail a[href*="/entries"]').getAttribute('href')) ?? '';
  }, 120_000);
  afterAll(() => outside.close().catch(() => undefined));

  it('is set up by an Admin, with errors at the fields', async () => {
    await admin.goto('/security');
    await admin.getByRole('button', { name: 'Set up a provider' }).click();
    const dialog = dialogOf(admin);
    await dialog.getByLabel('Label').fill(label);
    await dialog.getByLabel('Issuer').fill('http://127.0.0.1:9');
    await dialog.getByLabel('Client id').fill(outside.clientId);
    await dialog.getByLabel('Client secret').fill(outside.clientSecret);
    await dialog.getByRole('button', { name: 'Set up a provider' }).click();
    await dialog.getByText('No OpenID Connect provider answers at this address').waitFor();
    await clean(admin);
    await dialog.getByLabel('Issuer').fill(outside.issuer);
    await dialog.getByLabel('E-mail domains').fill('rival.example');
    await dialog.getByRole('button', { name: 'Set up a provider' }).click();
    await dialog.getByText('No active user has an address of rival.example').waitFor();
    await clean(admin);
    await dialog.getByLabel('E-mail domains').fill('Example.com');
    await admin.keyboard.press('Tab');
    await dialog.getByRole('button', { name: 'Set up a provider' }).click();
    await dialog.waitFor({ state: 'detached' });
    const row = admin.locator('.sub-rows tr', { hasText: label });
    await row.getByText('example.com').waitFor();
    await clean(admin);
  });

  it("is linked on the account page, through the provider's own pages, only with consent", async () => {
    await hers.goto('/account/sign-in');
    await hers.getByText('not linked').waitFor();
    await hers.getByRole('button', { name: `Link ${label}` }).click();
    await throughItsPages(hers, nora.login);
    await hers.getByRole('link', { name: 'Cancel' }).click();
    await heading(hers, 'Not linked');
    await hers.getByText('you cancelled there').waitFor();
    expect(hers.url()).not.toContain('error');
    await clean(hers);
    await hers.getByRole('link', { name: 'Back to your account' }).click();
    await hers.getByRole('button', { name: `Link ${label}` }).click();
    // The provider's session is still open: it asks only for consent.
    await consent(hers);
    await hers.locator('.toast', { hasText: 'The SSO account is linked' }).waitFor();
    await hers.getByRole('button', { name: `Unlink ${label}` }).waitFor();
    await clean(hers);
  });

  it('is offered only to addresses of its domain, without moving the page while typing', async () => {
    for (const options of [desk, phone]) {
      const page = await visitor(options);
      await page.goto('/sign-in');
      await page.getByRole('link', { name: 'Forgot your password?' }).waitFor();
      const places = () =>
        page
          .locator('h1, #mail, #pass, form button')
          .evaluateAll((all) => all.map((one) => one.getBoundingClientRect().y));
      const before = await places();
      await page.locator('#mail').focus();
      await page.keyboard.type('somebody@elsewhere.example');
      await page.waitForLoadState('networkidle');
      expect(await button(page).count()).toBe(0);
      await page.locator('#mail').fill('');
      await typeAddress(page, nora.email);
      expect((await places()).slice(0, before.length)).toEqual(before);
      expect(await page.locator('form [role=status]').innerText()).toBe(`Sign in with ${label} is offered below.`);
      await page.getByText(`Leads to ${new URL(outside.issuer).host}.`).waitFor();
      await clean(page);
      await page.locator('#mail').fill('nora@');
      await button(page).waitFor({ state: 'detached' });
      await page.context().close();
    }
  });

  it('signs in people who linked it, and leads on to the page they wanted', async () => {
    await hers.locator('button.me').click();
    await hers.getByRole('button', { name: 'Sign out' }).click();
    await hers.waitForURL(/\/sign-in/);
    await hers.goto(wanted);
    await hers.waitForURL(/\/sign-in\?to=/);
    await typeAddress(hers, nora.email);
    await button(hers).focus();
    await hers.keyboard.press('Enter');
    // They are signed in at the provider, so that it shows no page of its own.
    await hers.waitForURL(`**${wanted}`);
    await hers.locator('tbody tr').first().waitFor();
    expect(hers.url()).not.toMatch(/code=|state=/);

    const other = await visitor(phone);
    await other.goto(wanted);
    await other.waitForURL(/\/sign-in\?to=/);
    await typeAddress(other, nora.email);
    await button(other).click();
    await throughItsPages(other, nora.login);
    await consent(other);
    await other.waitForURL(`**${wanted}`);
    await other.locator('main.page').waitFor();
    await clean(other);
    await other.context().close();
  });

  it('is not enough to approve: the page of the request says which proof is needed', async () => {
    await admin.goto('/approvals/rules');
    await admin
      .getByRole('button', { name: /New rule/ })
      .first()
      .click();
    await dialogOf(admin).getByLabel('Operation').selectOption({ label: 'Create a service account' });
    await dialogOf(admin).getByLabel('Approvals needed').fill('1');
    await dialogOf(admin).getByRole('button', { name: 'Set rule' }).click();
    await admin.locator('tbody tr', { hasText: 'Create a service account' }).waitFor();
    await admin.goto('/services');
    await admin
      .getByRole('button', { name: /New service account/ })
      .first()
      .click();
    await dialogOf(admin).getByLabel('Name').fill('Payment feed');
    await dialogOf(admin).getByRole('button', { name: 'Create service account' }).click();
    await admin.locator('.toast', { hasText: 'waits for a second person' }).waitFor();

    const page = await visitor(desk);
    await page.goto('/sign-in?to=/approvals');
    await typeAddress(page, nora.email);
    await button(page).click();
    await throughItsPages(page, nora.login);
    await consent(page);
    await page.locator('tbody tr a.drill', { hasText: 'Payment feed' }).click();
    await page
      .getByText('You signed in through an SSO provider, which does not prove that two people are involved.')
      .waitFor();
    await clean(page);
    await page.getByRole('button', { name: 'Approve' }).click();
    await dialogOf(page).getByRole('button', { name: 'Approve' }).click();
    await stepUp(page, nora.password);
    await page.locator('h1').getByText('Completed').waitFor();
    expect(await page.getByText('You signed in by a provider').count()).toBe(0);
    await page.context().close();
    await removeRules(nora);
  });

  it("is not enough to step up: unlinking asks for a proof of the person's own, and ends sign-in with it", async () => {
    await hers.goto('/account/sign-in');
    await hers.getByRole('button', { name: `Unlink ${label}` }).click();
    await stepUp(hers, nora.password);
    await hers.locator('.toast', { hasText: `Unlinked: ${label}` }).waitFor();
    await hers.getByRole('button', { name: `Link ${label}` }).waitFor();
    await clean(hers);
  });

  it('recognises the Admin by the verified address, and asks for a proof of their own before a change', async () => {
    const page = await visitor(desk);
    await page.goto('/sign-in?to=/security');
    await typeAddress(page, product().email);
    await button(page).click();
    await throughItsPages(page, 'the-admin');
    await consent(page);
    await page.waitForURL('**/security');
    await page.getByRole('button', { name: `More for ${label}` }).click();
    await page.getByRole('menuitem', { name: 'Change' }).click();
    expect(await dialogOf(page).getByLabel('E-mail domains').inputValue()).toBe('example.com');
    await dialogOf(page).getByLabel('E-mail domains').fill('');
    await dialogOf(page).getByRole('button', { name: 'Change' }).click();
    await stepUp(page, product().password);
    await page.locator('.sub-rows').getByText('Everybody here').waitFor();
    await clean(page);
    // Everybody here belongs to this tenant, so that nobody learns of another one: the button is there from the beginning.
    await admin.locator('button.me').click();
    await admin.getByRole('button', { name: 'Sign out' }).click();
    await button(admin).waitFor();
    await clean(admin);
    admin = page;
  });

  it('refuses an account that is not linked in plain words, in light and dark, and leads back to the page they wanted', async () => {
    for (const options of [desk, phone]) {
      const page = await visitor(options);
      await page.goto(`/sign-in?to=${wanted}`);
      await typeAddress(page, nora.email);
      await button(page).click();
      await throughItsPages(page, 'a-stranger');
      await consent(page);
      await heading(page, 'Not signed in');
      await page.getByText('This account at the provider is not linked to anybody here').waitFor();
      expect(page.url()).toBe(`${product().url}/sign-in/sso`);
      await clean(page);
      await page.getByRole('link', { name: 'Back to sign in' }).click();
      await page.waitForURL(/\/sign-in\?to=/);
      await page.fill('#mail', nora.email);
      await page.fill('#pass', nora.password);
      await page.keyboard.press('Enter');
      await page.waitForURL(`**${wanted}`);
      await page.context().close();
    }
  });

  it('reports it if consent is denied', async () => {
    for (const options of [desk, phone]) {
      const page = await visitor(options);
      await page.goto('/sign-in');
      await typeAddress(page, nora.email);
      await button(page).click();
      await throughItsPages(page, nora.login);
      await page.getByRole('link', { name: 'Cancel' }).click();
      await heading(page, 'Not signed in');
      await page.getByText('you cancelled there').waitFor();
      await clean(page);
      await page.getByRole('link', { name: 'Back to sign in' }).click();
      await heading(page, 'Sign in');
      await page.context().close();
    }
  });

  it('reports an unreachable provider at its button, and keeps the other ways to sign in', async () => {
    const after = await visitor(phone);
    await after.goto('/sign-in');
    await typeAddress(after, nora.email);
    await button(after).click();
    await throughItsPages(after, nora.login);
    // It goes down between its answer to the browser and the question that Daybook asks it.
    await after.route('**/session/sso/callback', async (route) => {
      await outside.close();
      await route.continue();
    });
    await consent(after);
    await heading(after, 'Not signed in');
    await after.getByText('The SSO provider cannot be reached').waitFor();
    await clean(after);
    for (const options of [desk, phone]) {
      const page = await visitor(options);
      await page.goto('/sign-in');
      await typeAddress(page, nora.email);
      await button(page).click();
      await page.locator('.notice.bad', { hasText: 'The SSO provider cannot be reached' }).waitFor();
      await clean(page);
      await page.fill('#pass', nora.password);
      await page.locator('#pass').press('Enter');
      await page.locator('main.page').waitFor();
      await page.context().close();
    }
  });

  it('disappears from the sign-in page once the Admin removes it', async () => {
    await admin.goto('/security');
    await admin.getByRole('button', { name: `More for ${label}` }).click();
    await admin.getByRole('menuitem', { name: 'Remove' }).click();
    await clean(admin);
    await dialogOf(admin).getByRole('button', { name: 'Remove' }).click();
    await admin.getByText('No SSO provider is set up').waitFor();
    const page = await visitor(desk);
    await page.goto('/sign-in');
    await page.locator('#mail').focus();
    const asked = page.waitForResponse(/methods\?domain=example\.com$/);
    await page.keyboard.type(nora.email);
    expect(((await (await asked).json()) as { providers: unknown[] }).providers).toEqual([]);
    expect(await button(page).count()).toBe(0);
  });
});
