import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { axe, closed, dialogOf, errorsOf, mailedLink, openPage, pathOf, patience, signIn } from './browser.js';

/*
 * A person in administration, as an administrator and an accountant live it: invited, given rights with an end, kept from
 * refused incompatible roles, asked for a second person, reviewed, and deactivated.
 */
const kari = { email: 'kari.nes@example.com', name: 'Kari Nes', password: 'nine herons on the pier' };

describe('a person in administration', { timeout: patience }, () => {
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

  it('invites a person to one company until a day, and the link lets them in', async () => {
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
    // Her role reaches one company, and this is about the whole tenant: nothing leads there, and the address is refused.
    expect(await hers.locator('.rail a[href="/users"]').count()).toBe(0);
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

  it('refuses a role that violates segregation of duties until a compensating control is named', async () => {
    await openKari();
    await admin.getByRole('button', { name: 'Give a role' }).click();
    await dialogOf(admin).getByLabel('Role').selectOption({ label: 'Admin' });
    await dialogOf(admin).getByRole('button', { name: 'Give a role' }).click();
    await dialogOf(admin)
      .getByText(/could set up an accomplice/)
      .waitFor();
    expect(await axe(admin)).toEqual([]);
    // What was chosen is still there.
    expect(await dialogOf(admin).getByLabel('Role').inputValue()).toBe('Admin');
    await dialogOf(admin).getByRole('button', { name: 'Cancel' }).click();
    await closed(admin);
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
    await hers.fill('#entry-description', 'Espresso machine for the shop');
    await hers.fill('[data-cell="0.account"]', '6340');
    await hers.waitForSelector('#account-choices');
    await hers.keyboard.press('Enter');
    await hers.fill('[data-cell="0.debit"]', '53500');
    await hers.fill('[data-cell="1.account"]', '2400');
    await hers.waitForSelector('#account-choices');
    await hers.keyboard.press('Enter');
    await hers.keyboard.press('Control+Enter');
    await hers.locator('.toast', { hasText: 'waits for a second person' }).waitFor();

    await hers.goto('/approvals?mine=requested');
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
    await admin.locator('h1').getByText('Completed').waitFor();
    await hers.goto(`${company}/entries?text=Espresso machine for the shop`);
    await hers.locator('tbody tr', { hasText: 'Espresso machine for the shop' }).waitFor();
  });

  it('lets the requester change a pending request without losing what they cannot see, and withdraw it', async () => {
    await hers.goto(`${company}/entries/new`);
    await hers.fill('#entry-description', 'Second espresso machine');
    await hers.fill('[data-cell="0.account"]', '6340');
    await hers.waitForSelector('#account-choices');
    await hers.keyboard.press('Enter');
    await hers.fill('[data-cell="0.debit"]', '60000');
    await hers.fill('[data-cell="1.account"]', '2400');
    await hers.waitForSelector('#account-choices');
    await hers.keyboard.press('Enter');
    await hers.keyboard.press('Control+Enter');
    await hers.locator('.toast', { hasText: 'waits for a second person' }).waitFor();
    await hers.goto('/approvals?mine=requested&status=pending');
    await hers.locator('tbody tr a.drill').first().click();
    // An entry is changed in the form that made it, as it was asked for.
    await hers.getByRole('link', { name: 'Change' }).click();
    await expect.poll(() => hers.inputValue('#entry-description'), { timeout: 15_000 }).toBe('Second espresso machine');
    await hers.fill('#entry-description', 'Second espresso machine, smaller');
    expect(await axe(hers)).toEqual([]);
    await hers.keyboard.press('Control+Enter');
    await hers.locator('.asked', { hasText: 'Second espresso machine, smaller' }).waitFor();
    await hers.getByRole('button', { name: 'Withdraw' }).click();
    await dialogOf(hers).getByRole('button', { name: 'Withdraw' }).click();
    await hers.locator('h1').getByText('Withdrawn').waitFor();
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

  it('ends the session of a deactivated user with their next request', async () => {
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

  it('retains personal data, and erases it once the retention is lifted', async () => {
    await openKari();
    const data = admin.locator('section', { hasText: 'Personal data' }).last();
    await data.getByRole('button', { name: 'Set a retention' }).click();
    await dialogOf(admin).getByLabel('Reason').fill('A case before the court');
    await dialogOf(admin).getByLabel('Until').fill('31 Dec 2026');
    await dialogOf(admin).getByRole('button', { name: 'Set a retention' }).click();
    await data.getByText('Retained until').waitFor();
    expect(await data.getByRole('button', { name: 'Erase' }).count()).toBe(0);
    expect(await axe(admin)).toEqual([]);
    const download = admin.waitForEvent('download');
    await data.getByRole('button', { name: 'Copy to read' }).click();
    expect(readFileSync(await (await download).path(), 'utf8')).toContain(kari.name);
    await data.getByRole('button', { name: 'Lift the retention' }).click();
    await dialogOf(admin).getByLabel('Reason').fill('The case is closed');
    await dialogOf(admin).getByRole('button', { name: 'Lift the retention' }).click();
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
