import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { axe, closed, defineField, dialogOf, errorsOf, fits, openPage, patience, signIn } from './browser.js';

/* An administrator adds a field to users, fills it in on the page of one, and finds them by it. */
describe.each([
  { width: 1440, height: 900, key: 'desk' },
  { width: 390, height: 844, key: 'floor' },
])('custom fields of users, $width wide', { timeout: patience }, ({ width, height, key }) => {
  let page: Page;
  const label = `The ${key}`;
  beforeAll(async () => {
    page = await openPage({ width, height });
    await signIn(page);
  }, patience);

  it('are entered on the page of a user, and are personal data', async () => {
    await defineField(page, { record: 'Members', label, key, kind: 'Text' }, (dialog) =>
      dialog.getByLabel('Personal data').check(),
    );

    const dialog = dialogOf(page);
    await page.goto('/users?status=active');
    await page.locator('tbody tr a.drill').first().click();
    await page.locator('.record-fields').waitFor();
    const change = page.getByRole('button', { name: 'Change member' });
    // Where there is little room, or there are many deeds, it is behind the menu.
    if (!(await change.isVisible())) await page.getByRole('button', { name: 'More for this user' }).click();
    await page.getByText('Change member').first().click();
    await dialog.getByLabel(label).fill('12 B');
    expect(await axe(page)).toEqual([]);
    expect(await fits(page)).toBe(true);
    await dialog.locator('button[type=submit]').click();
    await closed(page);
    await page.locator('.record-fields div', { hasText: label }).getByText('12 B').waitFor();
    expect(await axe(page)).toEqual([]);
    expect(await fits(page)).toBe(true);
  });

  it('find the user', async () => {
    await page.goto(`/users?custom.${key}=12%20B`);
    await page.locator('tbody tr').first().waitFor();
    expect(await page.locator('tbody tr').count()).toBe(1);
    expect(await fits(page)).toBe(true);
    expect(errorsOf(page)).toEqual([]);
  });
});
