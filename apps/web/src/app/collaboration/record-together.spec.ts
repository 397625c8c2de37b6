import { afterEach, describe, expect, it, vi } from 'vitest';
import { fill, press, shown, visit, words } from '../../testing/page';
import {
  type Asked,
  company,
  entry,
  everything,
  house,
  never,
  person,
  Refusal,
  serve,
  session,
} from '../../testing/server';
import { ids, permissions as permissionTree, review, role } from '../pages/administration/testing/answers';

const id = (n: number): string => `0195f000-0000-7000-8000-00000000d00${n}`;
const permissions = [
  ...everything,
  'collaboration.thread.read', 'collaboration.thread.follow', 'collaboration.comment.write', 'collaboration.tag.read', 'collaboration.record.tag',
  'collaboration.attachment.attach', 'collaboration.task.set', 'files.file.read', 'files.file.upload',
]; // prettier-ignore
const detail = {
  ...entry(41), documentDate: null, lines: [], debit: '0.00', credit: '0.00', reverses: null, reversedBy: null, importId: null, source: null,
  stamp: { trail: '1', position: '1', recordedAt: null },
}; // prettier-ignore
const of = { recordType: 'accounting.entry', recordId: entry(41).id, companyId: company.id };
const done = { id: id(1), version: 2, position: '48214' };
const tag = { tagId: id(1), name: 'Check', colour: 'red', status: 'retired' };
const task = {
  threadId: id(8), taskId: id(2), title: 'Ask for the receipt', setBy: person.id, personId: person.id, dueOn: '2026-05-04',
  status: 'due', setAt: '2026-04-30T07:12:41.000Z', version: 2,
}; // prettier-ignore
const file = {
  threadId: id(8), attachmentId: id(3), name: 'receipt.pdf', size: 184_212, sha256: 'a'.repeat(64), attachedBy: person.id,
  attachedAt: '2026-04-30T07:12:41.000Z', version: 1,
}; // prettier-ignore
const lists = (tags: unknown, tasks: unknown, files: unknown) => ({
  'GET /v1/collaboration/record-tags': tags,
  'GET /v1/collaboration/tasks': tasks,
  'GET /v1/collaboration/attachments': files,
  'GET /v1/collaboration/comments': { items: [], next: null },
  'GET /v1/collaboration/followed-records': { threadId: id(8), following: false, followers: [] },
});
const routes = (more: Record<string, unknown> = {}, may = permissions) => ({
  ...house(may),
  'GET /v1/accounting/companies/*/entries/*': detail,
  ...lists({ items: [tag] }, { items: [task] }, { items: [file] }),
  ...more,
});
const path = `/c/${company.id}/entries/${entry(41).id}`;
const imported = {
  id: id(6), companyId: company.id, companyName: company.name, fileName: 'books.xml', sha256: 'c'.repeat(64), size: 12, format: '1.30',
  status: 'cancelled', entries: 0, lines: 0, startedAt: file.attachedAt, startedBy: person.id, postedAt: null, version: 2, jobId: id(7),
  report: null, openingDifferenceAccount: null,
}; // prettier-ignore
/** Pages of their own, of records of the whole tenant. */
const ownPages = routes(
  {
    'GET /v1/identity/permissions': permissionTree,
    'GET /v1/identity/roles/*': role(),
    'GET /v1/identity/reviews/*': review(),
    'GET /v1/identity/reviews/*/items': { items: [], next: null },
    'GET /v1/accounting/imports/*': imported,
  },
  [...permissions, 'identity.role.read', 'identity.role.define', 'identity.review.read'],
);
const askedOf = (log: readonly Asked[], list: string) => {
  const found = sent(log, `GET /v1/${list}`)?.query;
  return found ? Object.fromEntries(['recordType', 'recordId'].map((name) => [name, found.get(name)])) : null;
};
const sent = (log: readonly Asked[], at: string) => log.find(({ method, path: to }) => `${method} ${to}` === at);

afterEach(() => vi.unstubAllGlobals());

describe('what people add to a record', () => {
  it('is shown beside it: tags, tasks and files, asked for by the name of the record', async () => {
    const log = serve(routes());
    const { element } = await visit(path);
    expect(words(await shown(element, '.tags li'))).toContain('Check retired');
    expect(words(await shown(element, '.together li', 'Ask for'))).toContain(`${person.name} 4 May 2026 Due`);
    expect(words(await shown(element, '.together li', 'receipt.pdf'))).toContain('184 kB');
    for (const list of ['record-tags', 'tasks', 'attachments']) {
      expect(Object.fromEntries(sent(log, `GET /v1/collaboration/${list}`)!.query)).toMatchObject(of);
    }
  });

  it('is on the page of a role too, with its history at the right, and on that of a new one neither is', async () => {
    const log = serve(ownPages);
    const { element, harness } = await visit(`/roles/${ids.role}`);
    await shown(element, '.col .tags li', 'Check');
    await shown(element, '.sides #history', 'History');
    const named = { recordType: 'identity.role', recordId: ids.role };
    expect(askedOf(log, 'collaboration/record-tags')).toEqual(named);
    expect(askedOf(log, 'audit/events')).toMatchObject(named);
    await harness.navigateByUrl('/roles/new');
    await shown(element, 'h1', 'New role');
    await shown(element, '.side', 'In plain words');
    expect(element.querySelector('.tags, #history')).toBeNull();
  });

  it.each([
    ['identity.review', 'reviews', ids.review],
    ['accounting.import', 'imports', id(6)],
  ])('is behind a button on a page that has no room beside its rows: %s', async (recordType, page, recordId) => {
    const log = serve(ownPages);
    const { element } = await visit(`/${page}/${recordId}`);
    await shown(element, '.acts button', 'Comments');
    expect(askedOf(log, 'collaboration/record-tags')).toBeNull();
    const panel = await shown(element, '#record-comments');
    panel.dispatchEvent(Object.assign(new Event('beforetoggle'), { newState: 'open' }));
    await shown(panel, '.tags li', 'Check');
    await shown(panel, '.comments', 'Nobody has said anything');
    expect(askedOf(log, 'collaboration/record-tags')).toEqual({ recordType, recordId });
  });

  it.each([
    ['identity.review', 'reviews', ids.review],
    ['accounting.import', 'imports', id(6)],
  ])('has its history there, which H leads to: %s', async (recordType, page, recordId) => {
    const log = serve(ownPages);
    const { element } = await visit(`/${page}/${recordId}`);
    const panel = await shown(element, '#record-comments');
    vi.stubGlobal('ResizeObserver', class { observe() {} disconnect() {} }); // prettier-ignore
    const tell = (name: string) => panel.dispatchEvent(Object.assign(new Event(name), { newState: 'open' }));
    Object.assign(panel, { showPopover: () => ['beforetoggle', 'toggle'].map(tell) });
    await shown(element, '.acts button', 'Comments');
    const focused = vi.spyOn(HTMLElement.prototype, 'focus');
    press('h');
    await shown(panel, '#history', 'History');
    await vi.waitFor(() => expect(focused.mock.contexts.map((one) => (one as HTMLElement).id)).toContain('history'));
    expect(askedOf(log, 'audit/events')).toMatchObject({ recordType, recordId });
  });

  it('says that there is nothing, what cannot be read, and offers nothing to those who may only read', async () => {
    const failed = new Refusal(500, 'platform.failed', 'The server failed.');
    serve(routes(lists({ items: [] }, failed, { items: [] }), [...everything, 'collaboration.thread.read']));
    const { element } = await visit(path);
    await shown(element, '.none', 'No tags.');
    await shown(element, '.none', 'No files.');
    await shown(element, 'section', 'The server failed.');
    expect(words(element)).not.toContain('Add a tag');
    expect(words(element)).not.toContain('Set a task');
    expect(words(element)).not.toContain('Attach a file');
  });

  it('offers nothing on a record of a company for which only a role in another one would be enough', async () => {
    const added = permissions.filter((one) => one.startsWith('collaboration.') && !one.endsWith('.read'));
    const elsewhere = session(permissions, [{ companyId: id(9), permissions: added }]);
    serve(routes({ 'POST /v1/identity/session/refresh': elsewhere }));
    const { element } = await visit(path);
    await shown(element, '.tags li', 'Check');
    await shown(element, '.comments', 'Nobody has said anything');
    for (const offered of ['Add a tag', 'Set a task', 'Attach a file']) expect(words(element)).not.toContain(offered);
    expect(element.querySelector('.comments textarea')).toBeNull();
  });

  it('waits in the place of what is not there yet', async () => {
    serve(routes(lists(never, never, never)));
    const { element } = await visit(path);
    await shown(element, 'section[aria-labelledby="tags-h"] .sk');
    await shown(element, 'section[aria-labelledby="files-h"] .sk');
  });

  it('takes a tag off, and offers those of the register that are in use', async () => {
    const rows = [
      { id: id(4), name: 'Urgent', status: 'active' },
      { id: id(5), name: 'Old', status: 'retired' },
    ];
    const log = serve(
      routes({
        'GET /v1/collaboration/tags': { items: rows, next: null },
        'POST /v1/collaboration/tagged-records': done,
        'POST /v1/collaboration/tagged-records/removal': done,
      }),
    );
    const { element } = await visit(path);
    (await shown(element, '[aria-label="Take off Check"]')).click();
    await shown(element, '.toast', 'Took off Check');
    expect(sent(log, 'POST /v1/collaboration/tagged-records/removal')?.body).toEqual({ ...of, tagId: tag.tagId });
    (await shown(element, '.toast button', 'Undo')).click();
    await shown(element, '.toast', 'Undone: Took off Check');
    expect(sent(log, 'POST /v1/collaboration/tagged-records')?.body).toEqual({ ...of, tagId: tag.tagId });
    (await shown(element, 'button', 'Add a tag…')).click();
    const dialog = await shown(element, 'dialog', 'Add a tag');
    await shown(dialog, '[name="tagId"] option', 'Urgent');
    expect(words(dialog)).not.toContain('Old');
    fill(dialog, 'tagId', id(4));
    (await shown(dialog, '.btn-main', 'Add a tag')).click();
    await vi.waitFor(() =>
      expect(log.findLast(({ path: at }) => at.endsWith('/tagged-records'))?.body).toEqual({ ...of, tagId: id(4) }),
    );
  });

  it('sets a task for a person and a day, and marks one as done', async () => {
    const log = serve(
      routes({ 'POST /v1/collaboration/tasks': done, 'POST /v1/collaboration/threads/*/tasks/*/completion': done }),
    );
    const { element } = await visit(path);
    (await shown(element, 'button', 'Set a task…')).click();
    const dialog = await shown(element, 'dialog', 'Set a task');
    fill(dialog, 'title', 'Call the supplier');
    fill(dialog, 'dueOn', '8 May 2026');
    (await shown(dialog, '.btn-main', 'Set a task')).click();
    await vi.waitFor(() =>
      expect(sent(log, 'POST /v1/collaboration/tasks')?.body).toMatchObject({
        ...of,
        title: 'Call the supplier',
        dueOn: '2026-05-08',
      }),
    );
    expect(sent(log, 'POST /v1/collaboration/tasks')?.body).toHaveProperty('zone');
    (await shown<HTMLInputElement>(element, `#task-${task.taskId}`)).click();
    await shown(element, '.toast', 'Done: Ask for the receipt');
    expect(sent(log, `POST /v1/collaboration/threads/${id(8)}/tasks/${task.taskId}/completion`)).toBeDefined();
  });

  it('attaches a file that is uploaded, removes one, and says why not', async () => {
    const tooLarge = new Refusal(409, 'collaboration.too-many-attachments', 'The record has 50 files already.');
    const answers = [done, tooLarge];
    const log = serve(
      routes({
        'POST /v1/files': { sha256: 'b'.repeat(64), size: 3, name: 'note.txt' },
        'POST /v1/collaboration/attachments': () => answers.shift(),
        'POST /v1/collaboration/threads/*/attachments/*/removal': done,
      }),
    );
    const { element } = await visit(path);
    const box = await shown<HTMLInputElement>(element, 'input[type="file"]');
    const choose = () => {
      Object.defineProperty(box, 'files', { value: [new File(['abc'], 'note.txt')], configurable: true });
      box.dispatchEvent(new Event('change'));
    };
    choose();
    await shown(element, '.toast', 'Attached note.txt');
    expect(sent(log, 'POST /v1/collaboration/attachments')?.body).toEqual({ ...of, sha256: 'b'.repeat(64) });
    choose();
    await shown(element, '[role="alert"]', 'The record has 50 files already.');
    (await shown(element, '[aria-label="Remove receipt.pdf"]')).click();
    (await shown(element, 'dialog .btn', 'Remove')).click();
    await shown(element, '.toast', 'Remove: receipt.pdf');
    expect(
      sent(log, `POST /v1/collaboration/threads/${id(8)}/attachments/${id(3)}/removal`)?.headers.get('if-match'),
    ).toBe('"1"');
  });

  it('leaves a task unticked that could not be marked as done', async () => {
    const gone = new Refusal(404, 'collaboration.record-not-found', 'There is no such record.');
    serve(routes({ 'POST /v1/collaboration/threads/*/tasks/*/completion': gone }));
    const { element } = await visit(path);
    const box = await shown<HTMLInputElement>(element, `#task-${task.taskId}`);
    box.click();
    await shown(element, '.toast', 'There is no such record.');
    expect(box.checked).toBe(false);
  });

  it('belongs to the record that it was begun on, also when the next one is opened meanwhile, which is asked about', async () => {
    const next = entry(42);
    const uploaded = Promise.withResolvers<unknown>();
    const items = ({ query }: Asked) => (query.get('recordId') === of.recordId ? { items: [tag] } : never);
    const log = serve(
      routes({
        'GET /v1/accounting/companies/*/entries/*': ({ path: asked }: Asked) =>
          asked.endsWith(next.id) ? { ...detail, ...next } : detail,
        'GET /v1/collaboration/record-tags': items,
        'POST /v1/files': () => uploaded.promise,
        'POST /v1/collaboration/attachments': done,
      }),
    );
    const { element, harness } = await visit(path);
    await shown(element, '.tags li', 'Check');
    const draft = await shown<HTMLTextAreaElement>(element, '.comments textarea');
    draft.value = 'About the first one';
    draft.dispatchEvent(new Event('input'));
    const box = await shown<HTMLInputElement>(element, 'input[type="file"]');
    Object.defineProperty(box, 'files', { value: [new File(['abc'], 'note.txt')], configurable: true });
    box.dispatchEvent(new Event('change'));
    await vi.waitFor(() => expect(sent(log, 'POST /v1/files')).toBeDefined());

    const gone = harness.navigateByUrl(`/c/${company.id}/entries/${next.id}`);
    (await shown(element, 'dialog .btn', 'Discard and leave')).click();
    await gone;
    await shown(element, 'h1', next.number);
    const empty = await shown<HTMLTextAreaElement>(element, '.comments textarea');
    expect([empty.value, element.querySelector('.tags li')]).toEqual(['', null]);
    uploaded.resolve({ sha256: 'b'.repeat(64), size: 3, name: 'note.txt' });
    await vi.waitFor(() => expect(sent(log, 'POST /v1/collaboration/attachments')?.body).toMatchObject(of));
  });

  it('leads from a tag to the records that have it, page after page', async () => {
    const record = (n: number) => ({ ...of, recordId: id(n), tagId: tag.tagId, taggedAt: file.attachedAt, one: 'entry', called: `PU-2026-000${n}`, address: `c/${company.id}/entries/${id(n)}` }); // prettier-ignore
    serve(
      routes({
        'GET /v1/collaboration/tags/*': { id: tag.tagId, name: 'Check', colour: 'red', about: null, status: 'active', version: 1 }, // prettier-ignore
        'GET /v1/collaboration/tagged-records': ({ query }: Asked) =>
          query.has('cursor') ? { items: [record(2)], next: null } : { items: [record(1)], next: 'two' },
      }),
    );
    const { element, harness } = await visit(path);
    const chip = await shown<HTMLAnchorElement>(element, '.tags a', 'Check');
    expect(chip.getAttribute('href')).toBe(`/c/${company.id}/entries?tags=${tag.tagId}`);
    await harness.navigateByUrl(`/tags/${tag.tagId}`);
    const first = await shown<HTMLAnchorElement>(element, '.together a', 'PU-2026-0001');
    expect(first.getAttribute('href')).toBe(`/c/${company.id}/entries/${id(1)}`);
    (await shown(element, 'button', 'Show more')).click();
    await shown(element, '.together a', 'PU-2026-0002');
    await shown(element, '.together a', 'PU-2026-0001');
  });
});
