import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { axe, errorsOf, openPage, signIn } from './browser.js';

/* Every page, in both themes and both widths: no accessibility violation, nothing refused by the content security policy,
   nothing that scrolls sideways. Then the ways of the shell and the list that need a real browser. */

/** Signs in and answers the address of the first company. */
async function enter(page: Page): Promise<string> {
  await signIn(page);
  await page.locator('.company').waitFor();
  await page.goto('/');
  const link = await page.locator('a[href*="/entries"]').first().getAttribute('href');
  return /^\/c\/[^/]+/.exec(link ?? '')?.[0] ?? '';
}
const sideways = (page: Page): Promise<boolean> =>
  page.evaluate('document.documentElement.scrollWidth > innerWidth + 1') as Promise<boolean>;
const settled = async (page: Page, selector: string): Promise<void> => {
  await page.locator(selector).first().waitFor();
  await page.evaluate('document.fonts.ready.then(() => true)');
};

const pages: readonly (readonly [name: string, path: (company: string) => string, selector: string])[] = [
  ['Home', (company) => company, '.strip data'],
  ['Accounts', (company) => `${company}/accounts`, 'tbody tr'],
  ['Account ledger', (company) => `${company}/accounts/1920`, 'tbody tr'],
  ['Entries', (company) => `${company}/entries`, 'tbody tr'],
  ['Entries, filtered', (company) => `${company}/entries?amountFrom=1000&status=posted`, '.chip.on'],
  ['Entries, none', (company) => `${company}/entries?text=nothing-has-this-text`, '.empty'],
  ['Entries, in the past', (company) => `${company}/entries?asof=2026-06-30&known=200`, '.band'],
  ['New entry', (company) => `${company}/entries/new`, 'h1'],
  ['Trial balance', (company) => `${company}/trial-balance`, 'tbody tr'],
  ['Imports', () => '/imports', 'h1'],
  ['New import', () => '/imports/new', 'h1'],
  ['Subledger lines', (company) => `${company}/subledger-lines`, 'h1'],
  ['Account, profile', () => '/account/profile', '.setting'],
  ['Account, signing in', () => '/account/sign-in', '.setting'],
  ['Account, sessions', () => '/account/sessions', 'tbody tr'],
  ['Account, keys', () => '/account/api-keys', '.setting'],
  ['Account, delegated access', () => '/account/delegated-access', '.setting'],
  ['Account, data', () => '/account/data', '.setting'],
  ['Forgotten password', () => '/password', 'form'],
  ['New password', () => '/password/new', 'form'],
  ['An invitation that does not work', () => '/invitation', 'form'],
  ['System, projections', () => '/system', 'tbody tr'],
  ['System, jobs', () => '/system?tab=jobs', '.tabs'],
  ['A moment that never was', (company) => `${company}/entries?known=999999999`, '.empty'],
  ['An entry that is not here', (company) => `${company}/entries/0195f000-0000-7000-8000-000000000000`, '.empty'],
  ['No page', () => '/nowhere', '.empty'],
];

for (const theme of ['light', 'dark'] as const) {
  // Each page is looked at in each theme and in each width, not in all four together: that would cost minutes.
  for (const width of [theme === 'light' ? 1440 : 390]) {
    describe(`every page, ${theme}, ${width} wide`, () => {
      let page: Page;
      let company = '';
      beforeAll(async () => {
        page = await openPage({ theme, width, height: 900 });
        await page.goto('/sign-in');
        expect(await axe(page)).toEqual([]);
        company = await enter(page);
      });
      it.each(pages)('%s', async (_, path, selector) => {
        await page.goto(path(company));
        await settled(page, selector);
        expect(await axe(page)).toEqual([]);
        expect(await sideways(page)).toBe(false);
        expect(errorsOf(page).filter((error) => /Content Security Policy|TypeError|NG0/.test(error))).toEqual([]);
      });
      it('An entry', async () => {
        await page.goto(`${company}/entries`);
        await page.locator('tbody tr a.drill').first().click();
        await settled(page, '.timeline li');
        expect(await axe(page)).toEqual([]);
        expect(await sideways(page)).toBe(false);
      });
      it('The panels over a page', async () => {
        await page.goto(`${company}/entries`);
        await settled(page, 'tbody tr');
        for (const [key, selector] of [
          ['t', '#asof:popover-open'],
          ['Control+k', 'dialog.palette'],
          ['?', 'dialog.keys-dialog'],
          ['f', '#filter-add:popover-open'],
        ] as const) {
          await page.keyboard.press(key);
          await settled(page, selector);
          expect(await axe(page)).toEqual([]);
          await page.keyboard.press('Escape');
          await page.locator(selector).waitFor({ state: 'hidden' });
        }
      });
    });
  }
}

describe('the shell and the list, by keyboard', () => {
  it('finds an account in the palette and opens its ledger', async () => {
    const page = await openPage({ width: 1280 });
    await enter(page);
    await page.keyboard.press('Control+k');
    await page.keyboard.type('1920');
    await page.locator('.palette [role="option"]', { hasText: '1920' }).first().waitFor();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: /^1920/ }).waitFor();
    expect(errorsOf(page)).toEqual([]);
  });

  it('goes to the past and back, and keeps the time while following links', async () => {
    const page = await openPage({ width: 1280 });
    const company = await enter(page);
    await page.keyboard.press('t');
    await page.getByLabel('Business date, up to and including').fill('30.6.2026');
    await page.getByLabel('As known at').fill('200');
    await page.getByRole('button', { name: 'Show' }).click();
    await page.locator('.band').waitFor();
    await page.keyboard.press('g');
    await page.keyboard.press('e');
    await page.waitForURL(/entries\?asof=2026-06-30&known=200/);
    await page.locator('tbody tr').first().waitFor();
    expect(await page.getByRole('button', { name: /New entry/ }).count()).toBe(0);
    await page.keyboard.press('Shift+T');
    await page.waitForURL((url) => url.pathname === `${company}/entries` && url.search === '');
    await page.goBack();
    await page.locator('.band').waitFor();
  });

  it('walks the rows, peeks, opens and goes on to the next record', async () => {
    const page = await openPage({ width: 1280 });
    const company = await enter(page);
    await page.goto(`${company}/entries`);
    await page.locator('tbody tr').first().waitFor();
    const numbers = await page.locator('tbody tr a.drill').allInnerTexts();
    await page.keyboard.press('j');
    await page.keyboard.press('Space');
    await page.locator('aside.drawer', { hasText: numbers[1] ?? '' }).waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: numbers[1] ?? '' }).waitFor();
    await page.keyboard.press('j');
    await page.getByRole('heading', { level: 1, name: numbers[2] ?? '' }).waitFor();
  });

  it('continues the session after a reload, and ends it by signing out', async () => {
    const page = await openPage({ width: 1280 });
    const company = await enter(page);
    await page.reload();
    await page.locator('.company').waitFor();
    await page.locator('button.me').click();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.waitForURL(/\/sign-in/);
    await page.goto(`${company}/entries`);
    await page.waitForURL(/\/sign-in\?to=/);
  });
});
