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

  it.each([1440, 390])(
    'of a Norwegian export are read as it wrote them, and each fault is said, %i wide',
    async (width) => {
      const [theme, start] = width === 390 ? (['dark', 92] as const) : (['light', 91] as const);
      await page.emulateMedia({ colorScheme: theme });
      await page.setViewportSize({ width, height: 900 });
      const lines = ['Number;Name;Class', `${start}01;Kjøp av varer, høy sats;Expense`, `${start}02;Ukjent;Kostnad`, `${start}03;;asset`, `${start}01;To like;asset`]; // prettier-ignore
      const buffer = Buffer.from(lines.join('\r\n'), 'latin1');
      await page.goto(`${company}/accounts`);
      await page.getByRole('link', { name: 'Import', exact: true }).click();
      await page.locator('#rows-file').setInputFiles({ name: 'kontoplan.csv', mimeType: 'text/csv', buffer });
      await page.getByRole('button', { name: 'Read the file' }).click();
      await page.getByLabel('Column Name fills').waitFor();
      expect(await page.getByLabel('Encoding').inputValue()).toBe('windows-1252');
      await page.keyboard.press('Control+Enter');
      await page.getByRole('button', { name: 'Import 1 row' }).waitFor();
      await page.getByText('Kjøp av varer, høy sats · Expense').waitFor();
      await page.getByText('Class: “Kostnad” is none of: Asset, Liability, Equity, Income, Expense.').waitFor();
      await page.getByText('Name: This is required.').waitFor();
      await page.getByText('Number: Line 2 has the same value already.').waitFor();
      expect(await axe(page)).toEqual([]);
      await shot(`norwegian-${width}`);
      await page.getByRole('button', { name: 'Import 1 row' }).click();
      await page.getByRole('button', { name: 'Revert…' }).click();
      await page.getByRole('button', { name: 'Revert', exact: true }).click();
      await page.getByRole('button', { name: '1 reverted' }).waitFor();
      const beyond = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      expect(beyond).toBeLessThanOrEqual(0);
      expect(errorsOf(page)).toEqual([]);
    },
  );

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
