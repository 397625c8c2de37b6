import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Locator, Page } from 'playwright-core';
import { companyOf, openPage, patience, signIn } from './browser.js';

const examples = join(import.meta.dirname, '../../../examples');

/* What a phone shows of a page, in both themes: nothing that was written is missing, cut or without its name. */
const whole = (part: Locator): Promise<boolean> =>
  part.evaluate((element) => {
    const box = element.getBoundingClientRect();
    const cell = (element.closest('td') ?? element).getBoundingClientRect();
    const inside = box.left >= cell.left - 1 && box.right <= cell.right + 1;
    return inside && box.right <= innerWidth && element.scrollWidth <= element.clientWidth + 1;
  });

describe('768 wide', { timeout: patience }, () => {
  it('a list loses what its rows are about', async () => {
    const page = await openPage({ width: 768, height: 900 });
    await signIn(page);
    const company = await companyOf(page);
    for (const address of ['entries', 'accounts/1920']) {
      await page.goto(`${company}/${address}`);
      const description = page.locator('tbody td.c-grow').first();
      await description.waitFor();
      expect((await description.boundingBox())!.width, address).toBeGreaterThan(80);
    }
  });
});

describe.each(['light', 'dark'] as const)('390 wide, %s', { timeout: patience }, (theme) => {
  let page: Page;
  let company = '';
  beforeAll(async () => {
    page = await openPage({ theme, width: 390, height: 844 });
    await signIn(page);
    company = await companyOf(page);
  }, patience);

  it('the lines of a new entry show no cell before it is pressed', async () => {
    await page.goto(`${company}/entries/new`);
    await page.locator('[data-cell="1.credit"]').waitFor();
    for (const [field, label] of Object.entries({
      account: 'Account',
      description: 'Description',
      debit: 'Debit',
      credit: 'Credit',
    })) {
      const cell = page.locator('tbody td', { has: page.locator(`[data-cell="1.${field}"]`) });
      expect(await cell.evaluate((element) => getComputedStyle(element).borderBottomWidth)).toBe('1px');
      const name = await cell.locator('label').boundingBox();
      expect(name?.width, label).toBeGreaterThan(20);
      expect((await page.locator(`[data-cell="1.${field}"]`).boundingBox())?.width).toBeGreaterThan(60);
    }
    await page.getByRole('button', { name: 'Add a line' }).click();
    await page.locator('[data-cell="2.account"]:focus').waitFor();
  });

  it('a list of debits and credits loses the debits, and a balance passes for an amount', async () => {
    await page.goto(`${company}/subledger-lines`);
    await page.locator('tbody tr').first().waitFor();
    for (const row of await page.locator('tbody tr').all()) {
      const said = await row.locator('.at-amounts:visible').all();
      expect(said).toHaveLength(1);
      expect(await said[0]?.getAttribute('data-label')).toMatch(/^(Debit|Credit)$/);
    }
    await page.goto(`${company}/accounts/1920`);
    const row = page.locator('tbody tr').first();
    await row.waitFor();
    const names = await row.locator('.at-amounts:visible').evaluateAll((all) => all.map((one) => one.dataset['label']));
    expect(names).toEqual([expect.stringMatching(/^(Debit|Credit)$/), 'Balance']);
    for (const figure of await row.locator('.at-amounts:visible data').all()) expect(await whole(figure)).toBe(true);
  });

  it('a badge is cut', async () => {
    await page.goto('/imports/new');
    await page.setInputFiles('#saft-file', join(examples, 'contradictions_saf-t_1.30.xml'));
    await page.getByRole('button', { name: 'Read the file' }).click();
    await page.locator('#findings-head').waitFor();
    await page.goto('/imports');
    await page.locator('tbody .badge', { hasText: 'Waiting for you' }).first().waitFor();
    for (const badge of await page.locator('tbody .badge').all()) expect(await whole(badge)).toBe(true);
  });

  it('connections of two programs cannot be told apart', async () => {
    await page.goto('/system?tab=connections');
    await page.getByRole('rowheader', { name: 'Work, API' }).waitFor();
    await page.getByRole('rowheader', { name: 'Work, Projector' }).waitFor();
  });

  it('a list cannot be exported, or read past its first page', async () => {
    await page.goto(`${company}/entries`);
    await page.locator('tbody tr').first().waitFor();
    await page.getByRole('button', { name: 'Export', exact: true }).click();
    const choice = await page.getByRole('menuitem', { name: /decimal comma/ }).boundingBox();
    expect(choice!.x).toBeGreaterThanOrEqual(0);
    expect(choice!.x + choice!.width).toBeLessThanOrEqual(390);
    await page.keyboard.press('Escape');
    const first = await page.locator('tbody a.drill').first().innerText();
    await page.getByRole('button', { name: 'Older' }).click();
    await page.locator('tbody a.drill', { hasText: first }).waitFor({ state: 'detached' });
  });

  it('a filter hangs out of the window once it is chosen', async () => {
    await page.goto(`${company}/entries`);
    await page.locator('tbody tr').first().waitFor();
    await page.getByRole('button', { name: /^Filter/ }).click();
    await page.getByRole('menuitem').first().click();
    await page.locator('#filter-add').getByRole('button', { name: 'Apply' }).waitFor();
    await page.waitForFunction(() => {
      const { left, right } = document.getElementById('filter-add')!.getBoundingClientRect();
      return left >= 0 && right <= innerWidth;
    });
    await page.keyboard.press('Escape');
  });

  it('the words below a table stick to the edge', async () => {
    await page.goto('/system');
    const note = page.getByText('All tenants share the read models');
    await note.waitFor();
    await page.getByRole('columnheader', { name: 'Behind' }).waitFor();
    expect(await note.evaluate((element) => parseFloat(getComputedStyle(element).paddingLeft))).toBeGreaterThanOrEqual(
      16,
    );
  });
});
