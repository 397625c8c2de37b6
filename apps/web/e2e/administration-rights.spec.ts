import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { axe, dialogOf, errorsOf, openPage, patience, signIn, tabTo } from './browser.js';

/* What rights are made of: a role of one's own, and a service account with its key. */
describe('roles and keys in administration', { timeout: patience }, () => {
  let admin: Page;

  beforeAll(async () => {
    admin = await openPage({ width: 1440, height: 900 });
    await signIn(admin);
  }, patience);

  it('defines a role by keyboard alone', async () => {
    await admin.goto('/roles');
    await admin.locator('tbody tr').first().waitFor();
    await admin.keyboard.press('c');
    await admin.waitForURL(/\/roles\/new$/);
    await admin.locator('[role="tree"]').waitFor();
    await tabTo(admin, '#role-name');
    await admin.keyboard.type('Reader of entries');
    await tabTo(admin, '[role="treeitem"]');
    await admin.keyboard.press('ArrowRight');
    const entry = admin.getByRole('treeitem', { name: /^Entry/ });
    await entry.waitFor();
    for (let steps = 0; steps < 20; steps += 1) {
      if (await entry.evaluate((element) => element === document.activeElement)) break;
      await admin.keyboard.press('ArrowDown');
    }
    await admin.keyboard.press('ArrowRight');
    await admin.getByRole('treeitem', { name: /accounting\.entry\.read/ }).waitFor();
    await admin.keyboard.press('Space');
    await admin.locator('.side', { hasText: 'Post an entry' }).waitFor();
    await admin.locator('[role="treeitem"][aria-checked="mixed"]', { hasText: 'Books' }).waitFor();
    expect(await axe(admin)).toEqual([]);
    await admin.keyboard.press('Control+Enter');
    await admin.waitForURL(/\/roles\/[\da-f-]{36}$/);
    await admin.getByRole('heading', { level: 1, name: 'Reader of entries' }).waitFor();
    await admin.getByText('Nobody.').waitFor();
    await admin.goto('/roles/Auditor');
    await admin.locator('[role="tree"]').waitFor();
    expect(await admin.getByRole('button', { name: /Save role/ }).count()).toBe(0);
    expect(await axe(admin)).toEqual([]);
  });

  it('issues an API key of a service account, shows it once, and revokes it', async () => {
    await admin.goto('/services');
    await admin
      .getByRole('button', { name: /New service account/ })
      .first()
      .click();
    await dialogOf(admin).getByLabel('Name').fill('Bank feed');
    await dialogOf(admin).getByRole('button', { name: 'Create service account' }).click();
    await admin.getByRole('link', { name: 'Bank feed' }).click();
    await admin.getByRole('button', { name: 'Issue an API key' }).click();
    await dialogOf(admin).getByLabel('Name', { exact: true }).fill('Server in Oslo');
    await dialogOf(admin).getByLabel('Until', { exact: true }).fill('1 Mar 2027');
    await dialogOf(admin).getByLabel('Everything that only reads').first().check();
    expect(await axe(admin)).toEqual([]);
    await dialogOf(admin).getByRole('button', { name: 'Issue an API key' }).click();
    const secret = dialogOf(admin).getByLabel('The key, shown only once');
    await secret.waitFor();
    expect(await secret.inputValue()).toMatch(/^dbk_/);
    expect(await axe(admin)).toEqual([]);
    // Esc does not close it: the secret is shown only once.
    await admin.keyboard.press('Escape');
    expect(await secret.isVisible()).toBe(true);
    await dialogOf(admin).getByRole('button', { name: 'It is kept' }).click();
    await admin.getByRole('button', { name: 'Revoke Server in Oslo' }).click();
    await dialogOf(admin).getByLabel('Reason').fill('The server is gone');
    await dialogOf(admin).getByRole('button', { name: 'Revoke' }).click();
    await admin.locator('.sub-rows').getByText('Revoked').waitFor();
    expect(await axe(admin)).toEqual([]);
  });

  it('left no error in the console of the browser', () => {
    expect(errorsOf(admin)).toEqual([]);
  });
});
