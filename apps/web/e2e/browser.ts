import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import { chromium, type Browser, type Locator, type Page } from 'playwright-core';
import { afterAll } from 'vitest';

/** Given by tools/checks/e2e.mjs, which starts the products. */
const given = (name: string): string => {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is missing: run these specs with npm run test:e2e.`);
  return value;
};
/** Each worker of vitest has one to itself. */
const own = (): { url: string; mail: string } =>
  (JSON.parse(given('DAYBOOK_PRODUCTS')) as { url: string; mail: string }[])[Number(given('VITEST_POOL_ID')) - 1]!;
export const product = () => ({
  url: own().url,
  email: given('DAYBOOK_EMAIL'),
  password: given('DAYBOOK_PASSWORD'),
});

/** The link in the newest message to an address, from the folder that mail goes to in development. */
export async function mailedLink(to: string, page: string): Promise<string> {
  const folder = own().mail;
  for (let waited = 0; waited < 15_000; waited += 100) {
    const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.eml')) : [];
    for (const name of names.sort().reverse()) {
      // Quoted-printable: long lines are folded by `=` at their end.
      const text = readFileSync(join(folder, name), 'utf8').replaceAll('=\r\n', '').replaceAll('=3D', '=');
      const link = new RegExp(`https?://[^\\s]+/${page}#token=[\\w-]+`).exec(text)?.[0];
      if (link !== undefined && text.toLowerCase().includes(`to: ${to.toLowerCase()}`)) return link;
    }
    await new Promise((done) => setTimeout(done, 100));
  }
  throw new Error(`No mail to ${to} has a link to /${page}`);
}
/** The address of a link below the product under test, whatever public address it was made for. */
export const pathOf = (link: string): string => {
  const { pathname, search, hash } = new URL(link);
  return pathname + search + hash;
};

/** Signs in by the form and waits for the shell. */
export async function signIn(page: Page, email = product().email, password = product().password): Promise<void> {
  await page.goto('/sign-in');
  await page.fill('#mail', email);
  await page.fill('#pass', password);
  await page.keyboard.press('Enter');
  // In the narrow layout the rail is in a menu.
  await page.waitForSelector('.rail', { state: 'attached' });
}

/** The address of the company that the rail shows, once it does. */
export async function companyOf(page: Page): Promise<string> {
  await page.goto('/');
  const href = await page.locator('.rail a[href*="/entries"]').first().getAttribute('href');
  const company = /^\/c\/[^/]+/.exec(href ?? '')?.[0];
  if (!company) throw new Error(`The rail leads to no company: ${href}`);
  return company;
}

/** Nothing is wider than the window. */
export const fits = (page: Page): Promise<boolean> =>
  page.evaluate(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth + 1);

/** Defines a custom field on its page; `more` fills in what the kind asks, in the dialog, before it is sent. */
export async function defineField(
  page: Page,
  field: { record: string; label: string; key: string; kind: string },
  more: (dialog: Locator) => Promise<unknown>,
): Promise<void> {
  await page.goto('/custom-fields');
  await page.getByRole('button', { name: 'New custom field' }).first().click();
  const dialog = dialogOf(page);
  await dialog.getByLabel('Record').selectOption({ label: field.record });
  await dialog.getByLabel('Label').fill(field.label);
  await dialog.getByLabel('Key').fill(field.key);
  await dialog.getByLabel('Kind').selectOption({ label: field.kind });
  await more(dialog);
  await dialog.locator('button[type=submit]').click();
  await closed(page);
}

/** The product under a name of another machine: to the browser it is not this one. */
export const elsewhere = (): string => product().url.replace('localhost', 'daybook.example');

export interface PageOptions {
  /** The address of the product; by default the one that this machine has for itself. */
  readonly url?: string;
  readonly theme?: 'light' | 'dark';
  readonly width?: number;
  readonly height?: number;
}

let launched: Promise<Browser> | undefined;
const browser = (): Promise<Browser> =>
  (launched ??= chromium.launch({
    executablePath: given('DAYBOOK_CHROMIUM'),
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-dev-shm-usage',
      '--host-resolver-rules=MAP daybook.example 127.0.0.1',
    ],
  }));
afterAll(async () => {
  await (await launched)?.close();
  launched = undefined;
});

/** A page of its own: no cookies, no storage. Errors of the page are collected in `errorsOf`. */
export async function openPage(options: PageOptions = {}): Promise<Page> {
  const context = await (
    await browser()
  ).newContext({
    baseURL: options.url ?? product().url,
    colorScheme: options.theme ?? 'light',
    viewport: { width: options.width ?? 1280, height: options.height ?? 800 },
    reducedMotion: 'reduce',
    locale: 'en-GB',
    timezoneId: 'Europe/Oslo',
  });
  const page = await context.newPage();
  const errors: string[] = [];
  pageErrors.set(page, errors);
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => {
    // A visitor without a session asks whether there is one; the browser logs the 401 as an error.
    const isAsking = message.location().url.endsWith('/v1/identity/session/refresh');
    if (message.type() === 'error' && !isAsking) errors.push(message.text());
  });
  page.setDefaultTimeout(30_000);
  return page;
}

const pageErrors = new WeakMap<Page, string[]>();
/** Uncaught errors, console errors and violations of the content security policy so far. */
export const errorsOf = (page: Page): readonly string[] => pageErrors.get(page) ?? [];

/**
 * What axe finds on the page: one line per rule and place. Five times faster than its defaults, which describe all that is
 * right too, and gather what is in frames on a page of their own: the console has none. Waits for the heading, before which the
 * page is still empty.
 */
export async function axe(page: Page): Promise<string[]> {
  await page.locator('h1').first().waitFor({ state: 'attached' });
  const { violations } = await new AxeBuilder({ page })
    .setLegacyMode()
    .options({ resultTypes: ['violations'] })
    .analyze();
  return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target.join(' ')}`));
}

// Long ways with an axe run at each step: they take their time on a small machine.
export const patience = 180_000;

export const dialogOf = (page: Page) => page.locator('dialog[open]');
export const closed = (page: Page): Promise<void> => dialogOf(page).waitFor({ state: 'detached' });
/** Presses Tab until the focus is where it is wanted: what a hand on the keys does. */
export async function tabTo(page: Page, selector: string): Promise<void> {
  for (let presses = 0; presses < 80; presses += 1) {
    if (await page.evaluate((wanted) => document.activeElement?.matches(wanted) === true, selector)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab never comes to ${selector}.`);
}
