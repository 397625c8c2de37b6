import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { axe, errorsOf, openPage, patience, signIn } from './browser.js';

const pages: readonly (readonly [name: string, path: string, selector: string])[] = [
  ['Users', '/users', 'tbody tr'],
  ['Invitations', '/users/invitations', 'h1'],
  ['Delegated access', '/users/delegated-access', '.empty, tbody tr'],
  ['Roles', '/roles', 'tbody tr'],
  ['All grants', '/roles/grants', 'tbody tr'],
  ['A role', '/roles/Accountant', '[role="tree"]'],
  ['New role', '/roles/new', '[role="tree"]'],
  ['Service accounts', '/services', 'h1'],
  ['API keys', '/services/api-keys', 'h1'],
  ['Segregation of duties', '/segregation-of-duties', 'tbody tr'],
  ['Violations', '/segregation-of-duties/violations', 'h1'],
  ['Approvals', '/approvals', 'h1'],
  ['Approval rules', '/approvals/rules', 'h1'],
  ['Access reviews', '/reviews', 'h1'],
  ['Security', '/security', '.setting'],
];
for (const theme of ['light', 'dark'] as const) {
  // Each page is looked at in each theme and in each width, not in all four together: that would cost minutes.
  for (const width of [theme === 'light' ? 1440 : 390]) {
    describe(`every page of administration, ${theme}, ${width} wide`, { timeout: patience }, () => {
      let page: Page;
      beforeAll(async () => {
        page = await openPage({ theme, width, height: 900 });
        await signIn(page);
      }, patience);
      it.each(pages)('%s', async (_, path, selector) => {
        await page.goto(path);
        await page.locator(selector).first().waitFor();
        await page.evaluate('document.fonts.ready.then(() => true)');
        expect(await axe(page)).toEqual([]);
        expect(await page.evaluate('document.documentElement.scrollWidth > innerWidth + 1')).toBe(false);
        expect(errorsOf(page).filter((error) => /Content Security Policy|TypeError|NG0/.test(error))).toEqual([]);
      });
    });
  }
}
