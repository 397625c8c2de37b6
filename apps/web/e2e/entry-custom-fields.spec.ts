import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { axe, companyOf, defineField, errorsOf, fits, openPage, patience, signIn } from './browser.js';

/* An administrator adds a field to entries; it is asked for when one is posted, kept in the draft, and found by. */
describe.each([
  { width: 1440, height: 900, key: 'project' },
  { width: 390, height: 844, key: 'purpose' },
])('custom fields of entries, $width wide', { timeout: patience }, ({ width, height, key }) => {
  let page: Page;
  let company = '';
  const label = `The ${key}`;
  const description = `Electricity ${width}`;
  beforeAll(async () => {
    page = await openPage({ width, height });
    await signIn(page);
    company = await companyOf(page);
  }, patience);

  it('are asked for when one is posted, and a draft keeps them', async () => {
    await defineField(page, { record: 'Entries', label, key, kind: 'Choice' }, (dialog) =>
      dialog.getByLabel('Choices').fill('Pier\nQuay'),
    );

    await page.goto(`${company}/entries/new`);
    await page.locator('#entry-description').fill(description);
    await page.getByLabel(label).selectOption('Pier');
    await page.locator('[data-cell="0.account"]').fill('6340');
    await page.locator('[data-cell="0.debit"]').fill('100');
    await page.locator('[data-cell="1.account"]').fill('1920');
    await page.locator('[data-cell="1.credit"]').fill('100');
    expect(await axe(page)).toEqual([]);
    expect(await fits(page)).toBe(true);
    await page.reload();
    await expect.poll(() => page.getByLabel(label).inputValue()).toBe('Pier');
    await page.getByRole('button', { name: 'Post entry' }).click();
    await page.locator('.toast', { hasText: 'posted' }).waitFor();
    // The next one begins without.
    await expect.poll(() => page.getByLabel(label).inputValue()).toBe('');
  });

  it('find the entry, and are on its page', async () => {
    await page.goto(`${company}/entries?custom.${key}=Pier&columns=number,description,custom.${key}`);
    const row = page.locator('tbody tr', { hasText: description });
    await row.waitFor();
    expect(await page.locator('tbody tr').count()).toBe(1);
    expect(await fits(page)).toBe(true);
    await row.locator('a.drill').first().click();
    const fact = page.locator('.record-fields div', { hasText: label });
    await fact.getByText('Pier').waitFor();
    expect(await axe(page)).toEqual([]);
    expect(await fits(page)).toBe(true);
    expect(errorsOf(page)).toEqual([]);
  });
});
