import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { axe, companyOf, errorsOf, openPage, signIn } from './browser.js';

/* The first thread, as a newcomer walks it: import real books, read a figure, follow it to its source, correct it. */

const examples = resolve(import.meta.dirname, '../../../examples');
/** `DAYBOOK_SCREENSHOTS=docs/images npm run test:e2e` takes the pictures of the README anew. */
const pictures = process.env['DAYBOOK_SCREENSHOTS'];
const picture = async (page: Page, name: string): Promise<void> => {
  if (pictures === undefined) return;
  const folder = resolve(import.meta.dirname, '../../..', pictures);
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`) });
};

const figureText = (page: Page, selector: string): Promise<string[]> =>
  page.$$eval(selector, (found) => found.map((element) => element.getAttribute('value') ?? ''));
const total = (values: string[]): number => values.reduce((sum, value) => sum + Math.round(Number(value) * 100), 0);

describe('the first thread', () => {
  let page: Page;
  let books = '';
  beforeAll(async () => {
    page = await openPage({ width: 1440, height: 900 });
    await signIn(page);
  });

  it('imports a SAF-T file: a dry run first, then all of it at once', async () => {
    await page.goto('/imports/new');
    await page.setInputFiles('#saft-file', join(examples, 'nordlys-kaffe_saf-t_1.30.xml'));
    expect(await axe(page)).toEqual([]);
    await page.getByRole('button', { name: 'Read the file' }).click();
    await page.getByRole('button', { name: /^Import \d+ entries$/ }).waitFor();
    expect(await page.textContent('h2#findings-head + span')).toContain('no errors');
    expect(await axe(page)).toEqual([]);
    await page.keyboard.press('Control+Enter');
    await page.getByRole('link', { name: 'Open the trial balance' }).click();
    await page.waitForSelector('.report tfoot');
    books = /\/c\/([^/]+)\//.exec(page.url())?.[1] ?? '';
    expect(books).not.toBe('');
  });

  it('knows the same file again and adds nothing', async () => {
    await page.goto('/imports/new');
    await page.setInputFiles('#saft-file', join(examples, 'nordlys-kaffe_saf-t_1.30.xml'));
    await page.getByRole('button', { name: 'Read the file' }).click();
    await page.getByText('This file adds nothing').waitFor();
    expect(await page.getByRole('button', { name: /^Import / }).count()).toBe(0);
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByText('This import was cancelled').waitFor();
  });

  it('explains a figure down to the person and the line of the file', async () => {
    await page.goto(`/c/${books}/trial-balance?from=2025-01-01&to=2025-12-31`);
    await page.waitForSelector('.report tfoot');
    expect(await axe(page)).toEqual([]);
    const figure = page.locator('.report tbody tr:not(.group) td[data-col="debit"] .why:has(data:not(.zero))').first();
    const value = await figure.locator('data').getAttribute('value');
    await figure.click();
    await page.waitForSelector('.thread .src .hit');
    expect(await page.locator('.thread .of data').getAttribute('value')).toBe(value);
    const lines = await figureText(page, '.thread table:has([data-line]) tbody td.n data');
    expect(lines.length).toBeGreaterThan(0);
    expect(total(lines)).toBe(total([value ?? '']));
    const steps = await page.$$eval('.thread .step', (found) => found.map((e) => e.firstChild?.textContent?.trim()));
    expect(steps).toEqual(['Figure', 'Lines', 'Entry', 'Event', 'Person', 'Source', 'Seal']);
    expect(await page.textContent('.thread li:nth-child(4)')).toContain('accounting.import-posted.v1');
    expect(await page.textContent('.thread .end')).toContain('not sealed');
    expect(await axe(page)).toEqual([]);
    await picture(page, 'trial-balance');
  });

  it('moves through the report and its drawer by keyboard, and Back closes it', async () => {
    await page.goto(`/c/${books}/trial-balance?from=2025-01-01&to=2025-12-31`);
    await page.waitForSelector('.report tfoot');
    await page.locator('.report [tabindex="0"]').first().focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('End');
    await page.keyboard.press('Enter');
    await page.waitForSelector('.thread .of');
    expect(page.url()).toContain('explain=');
    await page.keyboard.press('Escape');
    await page.waitForSelector('.drawer', { state: 'detached' });
    await page.goBack();
    await page.waitForSelector('.drawer');
  });

  it('posts an entry by keyboard alone, and takes it back with Ctrl Z', async () => {
    const company = await companyOf(page);
    await page.goto(`${company}/entries`);
    await page.waitForSelector('table tbody tr');
    await page.keyboard.press('c');
    await page.waitForSelector('#entry-description');
    expect(await axe(page)).toEqual([]);
    await page.focus('#entry-description');
    await page.keyboard.type('Electricity, roastery');
    await page.keyboard.press('Tab');
    await page.keyboard.type('88841');
    await page.keyboard.press('Tab');
    await page.keyboard.type('6340');
    await page.getByRole('option', { name: /6340/ }).waitFor();
    await page.keyboard.press('Enter');
    await page.keyboard.type('April');
    await page.keyboard.press('Enter');
    await page.keyboard.type('18240,50');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Enter');
    await page.keyboard.type('2400');
    await page.getByRole('option', { name: /2400/ }).waitFor();
    expect(await axe(page)).toEqual([]);
    expect(await page.inputValue('[data-cell="0.debit"]')).toMatch(/18.240,50/);
    await page.keyboard.press('Enter');
    expect(await page.inputValue('[data-cell="1.credit"]')).toMatch(/18.240,50/);
    await page.keyboard.press('Control+Enter');
    await page.locator('.toast', { hasText: 'posted' }).waitFor();
    const posted = /(\S+) posted/.exec((await page.textContent('.toast')) ?? '')?.[1] ?? '';
    expect(posted).toMatch(/^[A-Z]+-\d{4}-\d+$/);
    await page.keyboard.press('Control+z');
    await page.locator('.toast', { hasText: 'Undone' }).waitFor();
    await page.goto(`${company}/entries?text=${posted}`);
    await page.locator('tr', { hasText: posted }).getByText('Reversed').waitFor();
  });

  it('puts an entry on hold with a reason, and releases it', async () => {
    const company = await companyOf(page);
    await page.goto(`${company}/entries?status=posted`);
    await page.waitForSelector('table tbody tr');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Put on hold' }).click();
    await page.getByLabel('Reason').fill('Waiting for the signed delivery note');
    expect(await axe(page)).toEqual([]);
    await page.locator('dialog').getByRole('button', { name: 'Put on hold' }).click();
    await page.locator('.toast', { hasText: 'hold' }).waitFor();
    await page.locator('h1').getByText('On hold').waitFor();
    await page.locator('.side').getByText('Waiting for the signed delivery note').waitFor();
    expect(await axe(page)).toEqual([]);
    await page.getByRole('button', { name: 'Release' }).click();
    await page.locator('dialog').getByRole('button', { name: 'Release' }).click();
    await page.locator('h1').getByText('Posted').waitFor();
    await page.locator('.side').getByText('released').waitFor();
  });

  it('shows the report as it was known before, in an amber frame, to the byte', async () => {
    const company = await companyOf(page);
    await page.goto(`${company}/trial-balance`);
    await page.waitForSelector('.report tfoot');
    const before = await page.innerText('.report');
    const stamp = ((await page.textContent('.stamp .mono')) ?? '').replace(/\D/g, '');
    await page.goto(`${company}/entries/new`);
    await page.focus('#entry-description');
    await page.keyboard.type('Correction');
    await page.fill('[data-cell="0.account"]', '6340');
    await page.waitForSelector('#account-choices');
    await page.keyboard.press('Enter');
    await page.fill('[data-cell="0.debit"]', '100');
    await page.fill('[data-cell="1.account"]', '2400');
    await page.waitForSelector('#account-choices');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Control+Enter');
    await page.locator('.toast', { hasText: 'posted' }).waitFor();
    await page.goto(`${company}/trial-balance`);
    await page.waitForSelector('.report tfoot');
    expect(await page.innerText('.report')).not.toBe(before);
    await page.goto(`${company}/trial-balance?known=${stamp}`);
    await page.waitForSelector('.app.past .report tfoot');
    expect(await page.innerText('.report')).toBe(before);
    expect(await axe(page)).toEqual([]);
    await page.getByRole('button', { name: 'Compare with now' }).click();
    await page.waitForSelector('.report tr.differs');
    expect(await page.$$eval('.report tr.differs td.no', (cells) => cells.map((c) => c.textContent?.trim()))).toEqual([
      '2400',
      '6340',
    ]);
    expect(await axe(page)).toEqual([]);
    await picture(page, 'report-past');
  });

  it('stays signed in when two tabs are reloaded at the same moment', async () => {
    const other = await page.context().newPage();
    await other.goto('/');
    await Promise.all([page.reload(), other.reload()]);
    await Promise.all([page.waitForSelector('.rail'), other.waitForSelector('.rail')]);
    await Promise.all([page.reload(), other.reload()]);
    await Promise.all([page.waitForSelector('.rail'), other.waitForSelector('.rail')]);
    await other.close();
  });

  it('left no error in the console of the browser', () => {
    expect(errorsOf(page)).toEqual([]);
  });
});
