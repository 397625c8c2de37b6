import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { axe, companyOf, errorsOf, openPage, patience, signIn } from './browser.js';

describe('a list as a file', { timeout: patience }, () => {
  let page: Page;
  let company: string;
  beforeAll(async () => {
    page = await openPage({ width: 1440, height: 900 });
    await signIn(page);
    company = await companyOf(page);
  }, patience);

  const exported = async (hint: string): Promise<string> => {
    await page.getByRole('button', { name: 'Export', exact: true }).click();
    const download = page.waitForEvent('download');
    await page.getByRole('menuitem', { name: new RegExp(hint) }).click();
    return readFileSync(await (await download).path(), 'utf8');
  };

  it('is plain CSV, or the CSV that a Nordic Excel opens by double click', async () => {
    await page.goto(`${company}/entries`);
    await page.locator('tbody tr').first().waitFor();
    const plain = await exported('decimal point');
    const excel = await exported('decimal comma');
    expect(plain).toMatch(/^number,/);
    expect(excel).toMatch(/^\ufeffnumber;/);
    expect(excel).toMatch(/;\d+,\d\d(;|\r)/);
    expect(excel.split('\r\n')).toHaveLength(plain.split('\r\n').length);
  });

  it('is written by the server, which says how far it is and what is in it, as a workbook and as JSON', async () => {
    await page.goto(`${company}/entries`);
    await page.locator('tbody tr').first().waitFor();
    const json = JSON.parse(await exported('for programs')) as Record<string, unknown>[];
    expect(Object.keys(json[0]!)[0]).toBe('number');
    const tray = page.getByRole('region', { name: 'Exports' });
    await tray
      .getByText(/\d rows exported/)
      .first()
      .waitFor();
    expect(await axe(page)).toEqual([]);
    // It lies over rows, not over the way to older ones.
    const older = await page.getByRole('button', { name: 'Older' }).boundingBox();
    const box = await tray.boundingBox();
    expect(box!.y + box!.height).toBeLessThanOrEqual(older!.y);
    expect((await exported('xlsx')).slice(0, 2)).toBe('PK');
    // Both have ended once each can be closed; the tray goes with the last one.
    const close = tray.getByRole('button', { name: /^Close/ });
    await close.nth(1).waitFor();
    for (const left of [1, 0]) {
      await close.first().click();
      await close.nth(left).waitFor({ state: 'detached' });
    }
    await tray.waitFor({ state: 'detached' });
    expect(errorsOf(page)).toEqual([]);
  });

  it.each(['light', 'dark'] as const)('is chosen by keyboard in the %s theme, and on a report too', async (theme) => {
    await page.emulateMedia({ colorScheme: theme });
    await page.goto(`${company}/trial-balance`);
    const button = page.getByRole('button', { name: 'Export', exact: true });
    await button.focus();
    await page.keyboard.press('Enter');
    await page.getByRole('menuitem').first().waitFor();
    expect(await axe(page)).toEqual([]);
    const download = page.waitForEvent('download');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    expect(readFileSync(await (await download).path(), 'utf8')).toMatch(/^\ufeff.*;.*\r\n/);
    expect(errorsOf(page)).toEqual([]);
  });

  it('is offered on a phone and on a tablet inside the window', async () => {
    for (const width of [768, 390]) {
      await page.setViewportSize({ width, height: 800 });
      await page.goto(`${company}/trial-balance`);
      await page.getByRole('button', { name: 'Export', exact: true }).click();
      const box = await page.getByRole('menuitem', { name: /decimal comma/ }).boundingBox();
      expect(box!.x).toBeGreaterThanOrEqual(0);
      expect(box!.x + box!.width).toBeLessThanOrEqual(width);
      if (process.env['DAYBOOK_SHOTS'])
        await page.screenshot({ path: `${process.env['DAYBOOK_SHOTS']}/export-${width}.png` });
    }
  });
});
