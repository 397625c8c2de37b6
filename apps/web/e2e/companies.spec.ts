import { mkdirSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { axe, companyOf, errorsOf, fits, openPage, patience, signIn } from './browser.js';

/* Companies with what belongs to them, lists by tag, and what is for oneself on Home: on a desk, a tablet and a phone. */
const looks = [
  { width: 1440, height: 900, theme: 'light' },
  { width: 768, height: 1024, theme: 'dark' },
  { width: 390, height: 844, theme: 'light' },
] as const;

describe.each(looks)('$width wide, $theme', { timeout: patience }, ({ width, height, theme }) => {
  let page: Page;
  let company = '';
  beforeAll(async () => {
    page = await openPage({ theme, width, height });
    await signIn(page);
    company = await companyOf(page);
  }, patience);
  const section = (name: string) => page.locator('section', { has: page.getByRole('heading', { name, exact: true }) });
  const shot = async (name: string) => {
    const folder = process.env['DAYBOOK_SHOTS'];
    if (folder === undefined) return;
    mkdirSync(folder, { recursive: true });
    await page.screenshot({ path: `${folder}/${name}-${width}-${theme}.png`, fullPage: true });
  };

  it('companies are listed, and one shows its accounts, journals and who has rights', async () => {
    await page.goto('/companies');
    await page.locator('tbody tr a').first().waitFor();
    expect([await axe(page), await fits(page)]).toEqual([[], true]);
    await shot('companies');
    await page.goto(company.replace('/c/', '/companies/'));
    for (const name of ['Accounts', 'Journals', 'Who has rights here'])
      await section(name).locator('tbody tr').first().waitFor();
    await section('Tags').waitFor();
    expect([await axe(page), await fits(page)]).toEqual([[], true]);
    await shot('company');
    await section('Accounts').locator('tbody a').first().click();
    await page.waitForURL((url) => url.pathname.startsWith(`${company}/accounts/`));
    expect(errorsOf(page).filter((error) => /Content Security Policy|TypeError|NG0/.test(error))).toEqual([]);
  });

  it('accounts are filtered by a tag, from the tag on one and in the filter bar', async () => {
    const name = `Close ${width}`;
    await page.goto('/tags');
    await page
      .getByRole('button', { name: /^New tag/ })
      .first()
      .click();
    await page.fill('dialog [name="name"]', name);
    await page.keyboard.press('Enter');
    await page.locator('tbody td', { hasText: name }).first().waitFor();
    await page.goto(company.replace('/c/', '/companies/'));
    await section('Tags').getByRole('button', { name: 'Add a tag' }).click();
    await page.locator('dialog [name="tagId"]').selectOption({ label: name });
    await page.locator('dialog .btn-main').click();
    await section('Tags').getByRole('link', { name }).click();
    await page.waitForURL((url) => url.pathname === '/companies' && url.searchParams.has('tags'));
    await page.locator('.chip.on', { hasText: name }).waitFor();
    await page.locator('tbody tr').first().waitFor();
    expect([await page.locator('tbody tr').count(), await axe(page), await fits(page)]).toEqual([1, [], true]);
    await shot('by-tag');
    await page.getByRole('button', { name: `Remove: Tag is ${name}` }).click();
    await page.waitForURL((url) => !url.searchParams.has('tags'));
  });

  it('what is for oneself says that there is nothing yet', async () => {
    await page.goto(company);
    await page.getByRole('heading', { name: 'For you' }).waitFor();
    expect([await axe(page), await fits(page)]).toEqual([[], true]);
    await shot('home');
  });

  it('what is for oneself is marked as read by keyboard, one by one and all', async () => {
    // Somebody else's deeds, without somebody else.
    const unread = new Set(['1', '2', '3']);
    const one = (n: string, kind: string) => ({
      ...{ notificationId: n, kind, recordType: 'accounting.entry', recordId: n, companyId: company.slice(3) },
      ...{ by: { kind: 'person', id: n }, operation: 'accounting.entry.hold', what: 'Put an entry on hold' },
      ...{ one: 'entry', title: `GL-2026-000${n}`, address: `${company.slice(1)}/entries/${n}` },
      ...{ at: '2026-04-09T07:12:41Z', isRead: !unread.has(n) },
    });
    await page.route(/\/v1\/collaboration\/notifications/, async (route) => {
      const [, id] = /notifications\/(\w+)\/reading/.exec(route.request().url()) ?? [];
      if (route.request().method() === 'GET') {
        const items = [one('1', 'mention'), one('2', 'tag'), one('3', 'change'), one('4', 'comment')];
        return route.fulfill({ json: { items, next: null } });
      }
      if (id === undefined) unread.clear();
      else unread.delete(id);
      return route.fulfill({ json: { id: id ?? 'all', version: 1, position: '0' } });
    });
    await page.goto(company);
    const feed = section('For you').locator('.feed');
    await feed.locator('li.unread').nth(2).waitFor();
    expect([await axe(page), await fits(page)]).toEqual([[], true]);
    await shot('for-you');
    await feed
      .getByRole('button', { name: /^Mark as read/ })
      .first()
      .focus();
    await page.keyboard.press('Enter');
    await feed.locator('li.unread').nth(2).waitFor({ state: 'detached' });
    expect(await page.evaluate(() => document.activeElement?.textContent?.trim())).toBe('entry GL-2026-0001');
    await section('For you').getByRole('button', { name: 'Mark all as read' }).focus();
    await page.keyboard.press('Enter');
    await feed.locator('li.unread').first().waitFor({ state: 'detached' });
    expect(await section('For you').getByRole('button', { name: 'Mark all as read' }).count()).toBe(0);
    expect([await feed.locator('li').count(), await axe(page)]).toEqual([4, []]);
    await page.unroute(/\/v1\/collaboration\/notifications/);
  });
});
