import { beforeAll, describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { axe, companyOf, fits, openPage, patience, signIn } from './browser.js';

/* Tags, tasks and files on a record, in the browser: by keyboard on a desk, and at the widths of a tablet and a phone. */
const widths = [
  { width: 1440, height: 900, theme: 'light' },
  { width: 768, height: 1024, theme: 'dark' },
  { width: 390, height: 844, theme: 'light' },
] as const;

describe.each(widths)('$width wide, $theme', { timeout: patience }, ({ width, height, theme }) => {
  let page: Page;
  beforeAll(async () => {
    page = await openPage({ theme, width, height });
    await signIn(page);
  }, patience);
  const section = (name: string) => page.locator('section', { has: page.getByRole('heading', { name, exact: true }) });

  it('a record is tagged, given a task and a file, and these are taken off again', async () => {
    const name = `Check ${width}`;
    await page.goto('/tags');
    await page
      .getByRole('button', { name: /^New tag/ })
      .first()
      .click();
    await page.fill('dialog [name="name"]', name);
    await page.keyboard.press('Enter');
    await page.locator('tbody td', { hasText: name }).first().waitFor();

    await page.goto(`${await companyOf(page)}/entries`);
    await page.locator('tbody tr').first().waitFor();
    await page.locator('tbody tr a').first().click();
    await section('Tags').waitFor();

    await section('Tags').getByRole('button', { name: 'Add a tag' }).focus();
    await page.keyboard.press('Enter');
    await page.locator('dialog [name="tagId"]').selectOption({ label: name });
    await page.locator('dialog .btn-main').click();
    const chip = section('Tags').locator('li', { hasText: name });
    await chip.waitFor();

    await section('Tasks').getByRole('button', { name: 'Set a task' }).focus();
    await page.keyboard.press('Enter');
    await page.fill('dialog [name="title"]', `Ask ${width}`);
    await page.fill('dialog [name="dueOn"]', '2030-01-15');
    await page.locator('dialog .btn-main').click();
    const task = section('Tasks').locator('li', { hasText: `Ask ${width}` });
    await task.waitFor();
    await task.locator('input').focus();
    await page.keyboard.press('Space');
    await section('Tasks')
      .locator('li.done', { hasText: `Ask ${width}` })
      .waitFor();

    const upload = { name: `note-${width}.txt`, mimeType: 'text/plain', buffer: Buffer.from(`note ${width}`) };
    await section('Files').locator('input[type="file"]').setInputFiles(upload);
    const file = section('Files').locator('li', { hasText: upload.name });
    await file.waitFor();
    const [downloaded] = await Promise.all([
      page.waitForEvent('download'),
      file.getByRole('button', { name: upload.name, exact: true }).click(),
    ]);
    expect(downloaded.suggestedFilename()).toBe(upload.name);

    expect(await fits(page)).toBe(true);
    for (const part of ['Tags', 'Tasks', 'Files']) {
      const box = await section(part).boundingBox();
      expect(box!.x + box!.width, part).toBeLessThanOrEqual(width);
    }
    expect(await axe(page)).toEqual([]);

    await file.getByRole('button', { name: `Remove ${upload.name}` }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
    await file.waitFor({ state: 'detached' });
    await chip.getByRole('button').click();
    await chip.waitFor({ state: 'detached' });
  });
});
