import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { axe, errorsOf, mailedLink, openPage, pathOf, signIn } from './browser.js';

/*
 * Administration, as an administrator and an accountant live it: invited, given rights with an end, kept from two duties
 * in one hand, asked for a second person, reviewed, and let go.
 */
const kari = { email: 'kari.nes@example.com', name: 'Kari Nes', password: 'nine herons on the pier' };

const dialogOf = (page: Page) => page.locator('dialog[open]');
const closed = (page: Page): Promise<void> => dialogOf(page).waitFor({ state: 'detached' });
/** Presses Tab until the focus is where it is wanted: what a hand on the keys does. */
async function tabTo(page: Page, selector: string): Promise<void> {
  for (let presses = 0; presses < 80; presses += 1) {
    if (await page.evaluate((wanted) => document.activeElement?.matches(wanted) === true, selector)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab never comes to ${selector}.`);
}

// Long ways with an axe run at each step: they take their time on a small machine.
const patience = 180_000;

describe('administration', { timeout: patience }, () => {
  let admin: Page;
  let hers: Page;
  let company = '';
  let waiting = '';

  const openKari = async (): Promise<void> => {
    await admin.goto('/users');
    await admin.getByRole('link', { name: kari.name }).click();
    await admin.getByRole('heading', { level: 1, name: kari.name }).waitFor();
    await admin.locator('.sub-rows').first().waitFor();
  };

  beforeAll(async () => {
    admin = await openPage({ width: 1440, height: 900 });
    await signIn(admin);
    const home = await admin.locator('.rail a[href*="/entries"]').getAttribute('href');
    company = /^\/c\/[^/]+/.exec(home ?? '')?.[0] ?? '';
    hers = await openPage({ width: 1280, height: 900 });
  }, patience);

  it('invites a person to one company, with an end, and the link lets her in', async () => {
    await admin.goto('/users/invitations');
    await admin
      .getByRole('button', { name: /^Invite/ })
      .first()
      .click();
    await dialogOf(admin).getByLabel('E-mail').fill(kari.email);
    await dialogOf(admin).getByLabel('Role').selectOption({ label: 'Accountant' });
    await dialogOf(admin).getByLabel('Where').selectOption({ index: 1 });
    await dialogOf(admin).getByLabel('Until').fill('31 Dec 2027');
    expect(await axe(admin)).toEqual([]);
    await dialogOf(admin).getByRole('button', { name: 'Invite' }).click();
    await admin.locator('tbody tr', { hasText: kari.email }).getByText('Waiting').waitFor();
    await hers.goto(pathOf(await mailedLink(kari.email, 'invitation')));
    await hers.getByLabel('Your name').fill(kari.name);
    await hers.getByLabel('Password', { exact: true }).fill(kari.password);
    await hers.keyboard.press('Enter');
    await hers.waitForSelector('.rail');
    // Her role reaches one company, and this is about the whole tenant.
    await hers.goto('/users');
    await hers.getByText('identity.member.read').waitFor();
    expect(await axe(hers)).toEqual([]);
  });

  it('gives a role in one company until a day, and takes it away with a reason', async () => {
    await openKari();
    await admin.getByRole('button', { name: 'Give a role' }).click();
    await dialogOf(admin).getByLabel('Role').selectOption({ label: 'Staff' });
    await dialogOf(admin).getByLabel('Where').selectOption({ index: 1 });
    await dialogOf(admin).getByLabel('Until').fill('30 Jun 2027');
    expect(await axe(admin)).toEqual([]);
    await dialogOf(admin).getByRole('button', { name: 'Give a role' }).click();
    const row = admin.locator('.sub-rows tr', { hasText: 'Staff' });
    await row.getByText('30 Jun 2027').waitFor();
    expect(await axe(admin)).toEqual([]);
    await admin.getByRole('button', { name: 'Revoke Staff' }).click();
    await dialogOf(admin).getByLabel('Reason').fill('Given by mistake');
    await dialogOf(admin).getByRole('button', { name: 'Revoke' }).click();
    await row.waitFor({ state: 'detached' });
  });

  it('refuses two duties in one hand in the words of the rule, until it is said what makes up for it', async () => {
    await openKari();
    await admin.getByRole('button', { name: 'Give a role' }).click();
    await dialogOf(admin).getByLabel('Role').selectOption({ label: 'Admin' });
    await dialogOf(admin).getByRole('button', { name: 'Give a role' }).click();
    await dialogOf(admin)
      .getByText(/Who gives rights could make himself an accomplice/)
      .waitFor();
    expect(await axe(admin)).toEqual([]);
    // What was chosen is still there.
    expect(await dialogOf(admin).getByLabel('Role').inputValue()).toBe('Admin');
    await dialogOf(admin).getByRole('button', { name: 'Keep it as it is' }).click();
    await closed(admin);
  });

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

  it('holds a large entry until a second person has approved it', async () => {
    await admin.goto('/approvals/rules');
    await admin
      .getByRole('button', { name: /New rule/ })
      .first()
      .click();
    await dialogOf(admin).getByLabel('Operation').selectOption({ label: 'Post an entry' });
    await dialogOf(admin).getByLabel('Only above').fill('50000');
    await dialogOf(admin).getByLabel('Approvals needed').fill('1');
    expect(await axe(admin)).toEqual([]);
    await dialogOf(admin).getByRole('button', { name: 'Set rule' }).click();
    await admin.locator('tbody tr', { hasText: 'Post an entry' }).waitFor();

    await hers.goto(`${company}/entries/new`);
    await hers.fill('#entry-text', 'Espresso machine for the shop');
    await hers.fill('[data-cell="0.account"]', '6340');
    await hers.waitForSelector('#account-choices');
    await hers.keyboard.press('Enter');
    await hers.fill('[data-cell="0.debit"]', '53500');
    await hers.fill('[data-cell="1.account"]', '2400');
    await hers.waitForSelector('#account-choices');
    await hers.keyboard.press('Enter');
    await hers.keyboard.press('Control+Enter');
    await hers.locator('.toast', { hasText: 'waits for a second person' }).waitFor();

    await hers.goto('/approvals?mine=asked');
    await hers.locator('tbody tr a.drill').first().click();
    await hers.getByRole('button', { name: 'Withdraw' }).waitFor();
    expect(await hers.getByRole('button', { name: 'Approve' }).count()).toBe(0);
    expect(await axe(hers)).toEqual([]);
    waiting = new URL(hers.url()).pathname;

    await admin.goto('/approvals?mine=approve');
    await admin.locator('.rail .count').waitFor();
    expect(await axe(admin)).toEqual([]);
    await admin.goto(waiting);
    await admin.locator('.asked-rows', { hasText: '6340' }).waitFor();
    expect(await axe(admin)).toEqual([]);
    await admin.getByRole('button', { name: 'Approve' }).click();
    await dialogOf(admin).getByRole('button', { name: 'Approve' }).click();
    await closed(admin);
    await admin.locator('h1').getByText('Done').waitFor();
    await hers.goto(`${company}/entries?text=Espresso machine for the shop`);
    await hers.locator('tbody tr', { hasText: 'Espresso machine for the shop' }).waitFor();
  });

  it('lets who asked change what waits, which voids nothing unseen, and withdraw it', async () => {
    await hers.goto(`${company}/entries/new`);
    await hers.fill('#entry-text', 'Second espresso machine');
    await hers.fill('[data-cell="0.account"]', '6340');
    await hers.waitForSelector('#account-choices');
    await hers.keyboard.press('Enter');
    await hers.fill('[data-cell="0.debit"]', '20000');
    await hers.fill('[data-cell="1.account"]', '2400');
    await hers.waitForSelector('#account-choices');
    await hers.keyboard.press('Enter');
    await hers.keyboard.press('Control+Enter');
    await hers.locator('.toast', { hasText: 'waits for a second person' }).waitFor();
    await hers.goto('/approvals?mine=asked&status=waiting');
    await hers.locator('tbody tr a.drill').first().click();
    await hers.getByRole('button', { name: 'Change' }).click();
    await hers.getByLabel('Text', { exact: true }).fill('Second espresso machine, smaller');
    expect(await axe(hers)).toEqual([]);
    await hers.locator('.change-input').getByRole('button', { name: 'Change' }).click();
    await hers.locator('.asked', { hasText: 'Second espresso machine, smaller' }).waitFor();
    await hers.getByRole('button', { name: 'Withdraw' }).click();
    await dialogOf(hers).getByRole('button', { name: 'Withdraw' }).click();
    await hers.locator('h1').getByText('Withdrawn').waitFor();
  });

  it('issues a key of a service account, tells it once, and revokes it', async () => {
    await admin.goto('/services');
    await admin
      .getByRole('button', { name: /New service account/ })
      .first()
      .click();
    await dialogOf(admin).getByLabel('Name').fill('Bank feed');
    await dialogOf(admin).getByRole('button', { name: 'Create service account' }).click();
    await admin.getByRole('link', { name: 'Bank feed' }).click();
    await admin.getByRole('button', { name: 'Issue a key' }).click();
    await dialogOf(admin).getByLabel('Name').fill('Server in Oslo');
    await dialogOf(admin).getByLabel('Until', { exact: true }).fill('1 Mar 2027');
    await dialogOf(admin).getByLabel('Everything that reads').check();
    expect(await axe(admin)).toEqual([]);
    await dialogOf(admin).getByRole('button', { name: 'Issue a key' }).click();
    const secret = dialogOf(admin).getByLabel('The key, shown this once');
    await secret.waitFor();
    expect(await secret.inputValue()).toMatch(/^dbk_/);
    expect(await axe(admin)).toEqual([]);
    // Esc loses nothing: it is told once.
    await admin.keyboard.press('Escape');
    expect(await secret.isVisible()).toBe(true);
    await dialogOf(admin).getByRole('button', { name: 'It is kept' }).click();
    await admin.getByRole('button', { name: 'Revoke Server in Oslo' }).click();
    await dialogOf(admin).getByLabel('Reason').fill('The server is gone');
    await dialogOf(admin).getByRole('button', { name: 'Revoke' }).click();
    await admin.locator('.sub-rows').getByText('Revoked').waitFor();
    expect(await axe(admin)).toEqual([]);
  });

  it('is reviewed row by row by keyboard, closed, and the evidence downloaded', async () => {
    await admin.goto('/reviews');
    await admin
      .getByRole('button', { name: /Start a review/ })
      .first()
      .click();
    await dialogOf(admin).getByLabel('Name').fill('Access review 2026');
    await dialogOf(admin).getByLabel('Due on').fill('31 Dec 2026');
    await dialogOf(admin).getByLabel('Where').selectOption({ index: 1 });
    expect(await axe(admin)).toEqual([]);
    await dialogOf(admin).getByRole('button', { name: 'Start review' }).click();
    await admin.getByRole('link', { name: 'Access review 2026' }).click();
    await admin.locator('tr.item').first().waitFor();
    expect(await axe(admin)).toEqual([]);
    const rows = await admin.locator('tr.item').count();
    for (let done = 1; done <= rows; done += 1) {
      await admin.keyboard.press('1');
      await admin.locator('#review-reason').waitFor();
      await admin.keyboard.type('Does the books of this company');
      expect(done > 1 ? [] : await axe(admin)).toEqual([]);
      await admin.keyboard.press('Enter');
      await admin.locator('.review-progress', { hasText: `${done} of ${rows} decided` }).waitFor();
    }
    const download = admin.waitForEvent('download');
    await admin.getByRole('button', { name: 'Evidence' }).click();
    const file = await download;
    const evidence = JSON.parse(readFileSync(await file.path(), 'utf8')) as { sha256: string; document: unknown };
    expect(evidence.sha256).toMatch(/^[\da-f]{64}$/);
    expect(JSON.stringify(evidence.document)).toContain('Does the books of this company');
    await admin.getByRole('button', { name: 'Close review' }).click();
    await dialogOf(admin).getByRole('button', { name: 'Close' }).click();
    await admin.locator('h1').getByText('Closed').waitFor();
    expect(await axe(admin)).toEqual([]);
  });

  it('ends the session of a deactivated user with her next request', async () => {
    await hers.goto(`${company}/entries`);
    await hers.locator('tbody tr').first().waitFor();
    await openKari();
    await admin.getByRole('button', { name: 'Deactivate' }).click();
    await dialogOf(admin).getByLabel('Reason').fill('Left the firm');
    expect(await axe(admin)).toEqual([]);
    await dialogOf(admin).getByRole('button', { name: 'Deactivate' }).click();
    await admin.locator('h1').getByText('Deactivated').waitFor();
    await hers.goto(`${company}/accounts`);
    await hers.waitForURL(/\/sign-in/);
  });

  it('keeps personal data by duty, and erases it when the duty is lifted', async () => {
    await openKari();
    const data = admin.locator('section', { hasText: 'Personal data' }).last();
    await data.getByRole('button', { name: 'Set a duty to keep' }).click();
    await dialogOf(admin).getByLabel('Reason').fill('A case before the court');
    await dialogOf(admin).getByLabel('Until').fill('31 Dec 2026');
    await dialogOf(admin).getByRole('button', { name: 'Set a duty to keep' }).click();
    await data.getByText('Kept by duty until').waitFor();
    expect(await data.getByRole('button', { name: 'Erase' }).count()).toBe(0);
    expect(await axe(admin)).toEqual([]);
    const download = admin.waitForEvent('download');
    await data.getByRole('button', { name: 'Copy to read' }).click();
    expect(readFileSync(await (await download).path(), 'utf8')).toContain(kari.name);
    await data.getByRole('button', { name: 'Lift the duty' }).click();
    await dialogOf(admin).getByLabel('Reason').fill('The case is closed');
    await dialogOf(admin).getByRole('button', { name: 'Lift the duty' }).click();
    await data.getByRole('button', { name: 'Erase' }).click();
    await dialogOf(admin).getByLabel('Reason').fill('She asked for it');
    expect(await axe(admin)).toEqual([]);
    await dialogOf(admin).getByRole('button', { name: 'Erase' }).click();
    await data.getByText('nobody can read any more').waitFor();
    await admin.getByRole('heading', { level: 1, name: 'Erased person' }).waitFor();
    expect(await axe(admin)).toEqual([]);
  });

  it('left no error in the console of the browser but what was refused', () => {
    // The browser logs each refusal; what a page does wrong by itself reads otherwise.
    const own = errorsOf(admin).filter(
      (error) => !/the server responded with a status of (401|403|409|422)/.test(error),
    );
    expect(own).toEqual([]);
  });
});

const pages: readonly (readonly [name: string, path: string, selector: string])[] = [
  ['Users', '/users', 'tbody tr'],
  ['Invitations', '/users/invitations', 'h1'],
  ['Support access', '/users/support', '.empty'],
  ['Roles', '/roles', 'tbody tr'],
  ['All grants', '/roles/grants', 'tbody tr'],
  ['A role', '/roles/Accountant', '[role="tree"]'],
  ['New role', '/roles/new', '[role="tree"]'],
  ['Service accounts', '/services', 'h1'],
  ['Keys', '/services/keys', 'h1'],
  ['Segregation of duties', '/duties', 'tbody tr'],
  ['Violations', '/duties/violations', 'h1'],
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
