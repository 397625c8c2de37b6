import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  axe,
  closed,
  companyOf,
  defineField,
  dialogOf,
  errorsOf,
  fits,
  openPage,
  patience,
  signIn,
} from './browser.js';

/* An administrator adds fields to accounts, and they are in the form, the list, the drawer and the history of one. */
const widths = [
  { width: 1440, height: 900, key: 'depot' },
  { width: 768, height: 1024, key: 'manager' },
  { width: 390, height: 844, key: 'note' },
] as const;

describe.each(widths)('custom fields, $width wide', { timeout: patience }, ({ width, height, key }) => {
  let page: Page;
  let company = '';
  const label = `The ${key}`;
  const number = `79${width}`;
  beforeAll(async () => {
    page = await openPage({ width, height });
    await signIn(page);
    company = await companyOf(page);
  }, patience);

  it('are defined on a page of their own', async () => {
    await defineField(page, { record: 'Accounts', label, key, kind: 'Choice' }, async (dialog) => {
      await dialog.getByLabel('Choices').fill('North\nSouth');
      expect(await axe(page)).toEqual([]);
      expect(await fits(page)).toBe(true);
    });
    await page.locator('tbody tr', { hasText: label }).first().waitFor();
    expect(await axe(page)).toEqual([]);
    expect(await fits(page)).toBe(true);
  });

  it('are asked for in the form of an account, and refused at their place', async () => {
    await page.goto(`${company}/accounts`);
    await page.getByRole('button', { name: 'New account' }).first().click();
    const dialog = dialogOf(page);
    await dialog.getByLabel('Number').fill(number);
    await dialog.getByLabel('Name').fill(`Depot ${width}`);
    await dialog.getByLabel('Class').selectOption({ label: 'Asset' });
    await dialog.getByLabel(label).selectOption('North');
    expect(await axe(page)).toEqual([]);
    expect(await fits(page)).toBe(true);
    await dialog.locator('button[type=submit]').click();
    await closed(page);
  });

  it('are shown, filtered by and changed', async () => {
    await page.goto(`${company}/accounts?custom.${key}=North&columns=number,name,custom.${key}`);
    const row = page.locator('tbody tr', { hasText: `Depot ${width}` });
    await row.waitFor();
    expect(await page.locator('tbody tr').count()).toBe(1);
    if (width === 1440) await row.getByText('North').waitFor();
    expect(await fits(page)).toBe(true);
    // A phone has no drawer beside the list.
    if (width === 390) return expect(errorsOf(page)).toEqual([]);
    await page.goto(`${company}/accounts?custom.${key}=North&peek=${number}`);
    const drawer = page.locator('.drawer');
    await drawer.getByText(label).waitFor();
    expect(await axe(page)).toEqual([]);
    await drawer.getByRole('button', { name: 'Change account' }).click();
    const dialog = dialogOf(page);
    expect(await dialog.getByLabel(label).inputValue()).toBe('North');
    await dialog.getByLabel(label).selectOption('South');
    await dialog.locator('button[type=submit]').click();
    await closed(page);
    await page.goto(`${company}/accounts?custom.${key}=South&columns=number,name,custom.${key}`);
    await page.locator('tbody tr', { hasText: `Depot ${width}` }).waitFor();
    await page.getByRole('button', { name: label, exact: true }).click();
    await expect.poll(() => new URL(page.url()).searchParams.get('customSort')).toBe(key);
    await page.locator('th[aria-sort=ascending]', { hasText: label }).waitFor();
    expect(await axe(page)).toEqual([]);
    await page.goto(`${company}/accounts?classNot=income,expense`);
    await page.locator('.chip', { hasText: 'Class is not' }).waitFor();
    await page.locator('.chip', { hasText: 'Class is not' }).getByRole('button').first().click();
    await page.locator('.filter-pop label', { hasText: /^is$/ }).click();
    await page.locator('.filter-pop').getByRole('button', { name: 'Apply' }).first().click();
    await page.locator('.chip', { hasText: 'Class is Income, Expense' }).waitFor();
    await page.goto(`${company}/accounts/${number}`);
    await page.locator('.record-fields div', { hasText: label }).getByText('South').waitFor();
    expect(await axe(page)).toEqual([]);
    expect(await fits(page)).toBe(true);
    expect(errorsOf(page)).toEqual([]);
  });
});
