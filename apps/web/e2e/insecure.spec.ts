import { beforeAll, describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { axe, companyOf, dialogOf, elsewhere, errorsOf, openPage, patience, signIn } from './browser.js';

/* The product on another machine of the house, before anybody has given it a certificate. */
describe('over plain http, away from localhost', { timeout: patience }, () => {
  let page: Page;
  beforeAll(async () => {
    page = await openPage({ width: 1280, url: elsewhere() });
    await signIn(page);
  }, patience);

  it('is what browsers call insecure', async () => {
    expect(await page.evaluate('isSecureContext')).toBe(false);
    expect(await page.evaluate('typeof crypto.randomUUID')).toBe('undefined');
  });

  it('invites a person', async () => {
    await page.goto('/users/invitations');
    await page
      .getByRole('button', { name: /^Invite/ })
      .first()
      .click();
    await dialogOf(page).getByLabel('E-mail').fill('plain@example.com');
    await dialogOf(page).getByLabel('Role').selectOption({ label: 'Auditor' });
    await dialogOf(page).getByRole('button', { name: 'Invite' }).click();
    await page.locator('tbody tr', { hasText: 'plain@example.com' }).waitFor();
  });

  it('posts an entry, and copies a figure', async () => {
    const company = await companyOf(page);
    await page.goto(`${company}/entries/new`);
    await page.locator('#entry-description').fill('Electricity');
    await page.locator('[data-cell="0.account"]').fill('6340');
    await page.locator('[data-cell="0.debit"]').fill('100');
    await page.locator('[data-cell="1.account"]').fill('1920');
    await page.locator('[data-cell="1.credit"]').fill('100');
    await page.keyboard.press('Control+Enter');
    await page.locator('.toast', { hasText: 'posted' }).waitFor();
    await page.goto(`${company}/trial-balance`);
    await page.locator('tbody .why').first().click();
    await page.getByRole('button', { name: 'Copy', exact: true }).click();
    await page.getByRole('button', { name: 'Copied' }).waitFor();
    // The browser itself says which headers it leaves aside over plain http.
    expect(errorsOf(page).filter((error) => !/Opener-Policy|Agent-Cluster|untrustworthy/.test(error))).toEqual([]);
  });

  it('says that passkeys need https, and offers none', async () => {
    await page.goto('/account/sign-in');
    await page.getByText('Passkeys work over https only').waitFor();
    expect(await page.getByRole('button', { name: 'Add a passkey' }).count()).toBe(0);
    expect(await axe(page)).toEqual([]);
  });
});
