import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { axe, companyOf, errorsOf, openPage, patience, signIn } from './browser.js';

describe('rows of a file', { timeout: patience }, () => {
  let page: Page;
  let company: string;
  beforeAll(async () => {
    page = await openPage({ width: 1440, height: 900 });
    await signIn(page);
    company = await companyOf(page);
  }, patience);

  const shot = async (name: string): Promise<void> => {
    if (process.env['DAYBOOK_SHOTS'])
      await page.screenshot({ path: `${process.env['DAYBOOK_SHOTS']}/rows-${name}.png` });
  };
  const chart = Buffer.from('Number;Name;Kind\n9001;Rented tools;expense\n9002;Rented rooms;expense\n9003;;expense\n');
  const fill = (column: string) => page.getByLabel(`Column ${column} fills`);

  it('become accounts: file, columns, rehearsal, result, and the changes are taken back', async () => {
    await page.goto(`${company}/accounts`);
    await page.getByRole('link', { name: 'Import', exact: true }).click();
    await page.getByRole('heading', { name: 'Import accounts' }).waitFor();
    expect(await axe(page)).toEqual([]);
    await shot('1-file');
    await page.locator('#rows-file').setInputFiles({ name: 'chart.csv', mimeType: 'text/csv', buffer: chart });
    await page.getByRole('button', { name: 'Read the file' }).click();
    await fill('Kind').waitFor();
    expect(await fill('Name').inputValue()).toBe('name');
    await page.getByText('No column fills Class.').waitFor();
    await fill('Kind').selectOption({ label: 'Class (required)' });
    await page.getByLabel('Rows change the record with the same').selectOption({ label: 'Number' });
    expect(await axe(page)).toEqual([]);
    await shot('2-columns');
    await page.keyboard.press('Control+Enter');
    await page.getByRole('button', { name: 'Import 2 rows' }).waitFor();
    expect(await axe(page)).toEqual([]);
    await shot('3-rehearsal');
    // Its address is one of the console, whatever dots the name of a command has.
    await page.reload();
    await page.getByRole('button', { name: 'Import 2 rows' }).waitFor();
    await page.getByText('Name: This is required.').waitFor();
    await page.getByRole('button', { name: '1 refused' }).click();
    await page.getByRole('cell', { name: '9003' }).first().waitFor();
    await page.getByRole('button', { name: 'Import 2 rows' }).click();
    await page.getByRole('button', { name: 'Revert…' }).waitFor();
    await shot('4-result');
    await page.getByRole('button', { name: 'Revert…' }).click();
    await page.getByRole('button', { name: 'Revert', exact: true }).click();
    await page.getByRole('button', { name: '2 reverted' }).waitFor();
    expect(errorsOf(page)).toEqual([]);
  });

  it.each(['light', 'dark'] as const)('fit a phone and a tablet in the %s theme', async (theme) => {
    await page.emulateMedia({ colorScheme: theme });
    for (const width of [1440, 768, 390]) {
      await page.setViewportSize({ width, height: 900 });
      await page.goto(`${company}/accounts`);
      await page.getByRole('link', { name: 'Import', exact: true }).click();
      await page.locator('#rows-file').setInputFiles({ name: 'chart.csv', mimeType: 'text/csv', buffer: chart });
      await page.getByRole('button', { name: 'Read the file' }).click();
      await fill('Kind').waitFor();
      expect(await axe(page)).toEqual([]);
      const beyond = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      expect(beyond).toBeLessThanOrEqual(0);
      await shot(`columns-${theme}-${width}`);
    }
    expect(errorsOf(page)).toEqual([]);
  });
});
