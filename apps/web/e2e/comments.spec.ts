import { beforeAll, describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { axe, companyOf, errorsOf, openPage, patience, signIn } from './browser.js';

/* What people say about a record, in a real browser: by keyboard, in both themes and at the widths of desk, tablet and phone. */
const looks = [
  ['light', 1440],
  ['dark', 768],
  ['light', 390],
  ['dark', 390],
] as const;

const sideways = (page: Page): Promise<boolean> =>
  page.evaluate('document.documentElement.scrollWidth > innerWidth + 1') as Promise<boolean>;

describe.each(looks)('comments, %s, %i wide', { timeout: patience }, (theme, width) => {
  let page: Page;
  let company = '';
  beforeAll(async () => {
    page = await openPage({ theme, width, height: 900 });
    await signIn(page);
    company = await companyOf(page);
  }, patience);

  const openEntry = async () => {
    await page.goto(`${company}/entries`);
    const link = await page.locator('tbody tr a.drill').first().getAttribute('href');
    await page.goto(String(link));
    await page.locator('.comments textarea').waitFor();
  };

  it('are written, edited and withdrawn on an entry by keyboard', async () => {
    await openEntry();
    expect(await axe(page)).toEqual([]);
    const words = `Whose is this, ${theme} ${width}?`;
    await page.keyboard.press('m');
    await page.keyboard.type(words);
    await page.keyboard.press('Control+Enter');
    const said = page.locator('.comment-list > li', { hasText: words });
    await said.waitFor();
    expect([await page.locator('.comments textarea').inputValue(), await sideways(page)]).toEqual(['', false]);
    await said.getByRole('button', { name: 'Edit' }).focus();
    await page.keyboard.press('Enter');
    const field = page.locator('.comment-list textarea');
    await field.fill(`${words} Now?`);
    await field.press('Control+Enter');
    const edited = page.locator('.comment-list > li', { hasText: `${words} Now?` });
    await edited.getByRole('button', { name: 'edited' }).click();
    await page.locator('.comment-history', { hasText: words }).waitFor();
    expect(await axe(page)).toEqual([]);
    await edited.getByRole('button', { name: 'Withdraw' }).click();
    await page.getByText('This comment was withdrawn.').first().waitFor();
    expect(errorsOf(page).filter((error) => /Content Security Policy|TypeError|NG0/.test(error))).toEqual([]);
  });

  it('find people by @', async () => {
    await openEntry();
    await page.locator('.comments textarea').first().pressSequentially('Ask @');
    await page.getByRole('option').first().waitFor();
    expect(await axe(page)).toEqual([]);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    expect(await page.locator('.comments textarea').first().inputValue()).toMatch(/^Ask @.+ $/);
    expect(await sideways(page)).toBe(false);
  });

  it('follow the record with one press', async () => {
    await openEntry();
    const button = page.locator('.comments [aria-pressed]');
    const before = await button.getAttribute('aria-pressed');
    await button.click();
    await page.locator(`.comments [aria-pressed="${before === 'true' ? 'false' : 'true'}"]`).waitFor();
    await page.locator('.comments [aria-pressed]').click();
    await page.locator(`.comments [aria-pressed="${before}"]`).waitFor();
  });

  it('are on an account and on a user as well', async () => {
    await page.goto(`${company}/accounts/1920`);
    await page.getByRole('button', { name: 'Comments' }).click();
    await page.locator('.discussion-pop .comments textarea').waitFor();
    expect([await axe(page), await sideways(page)]).toEqual([[], false]);
    await page.keyboard.press('Escape');
    await page.goto('/users');
    await page.locator('tbody tr a').first().click();
    await page.locator('.comments textarea').waitFor();
    expect([await axe(page), await sideways(page)]).toEqual([[], false]);
  });

  it('leave what is for oneself on Home', async () => {
    await page.goto(company);
    await page.getByRole('heading', { name: 'For you' }).waitFor();
    expect([await axe(page), await sideways(page)]).toEqual([[], false]);
  });
});
