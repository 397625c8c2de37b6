import { field, listOf, personal, query, readOf, record, stamp } from '@daybook/kernel';
import { type ReadContext, recordTable, tableOf } from '@daybook/projections';
import { sql } from 'kysely';
import * as z from 'zod';
import type { Caller } from '../binding.js';
import { AnswerTag, isReport } from './answer-tag.js';

const item = record('crm.item', {
  one: 'item', many: 'items', icon: 'flag', calledBy: 'name',
  fields: { name: field.text('Name'), status: field.status('Status', { open: null }) },
}); // prettier-ignore
const contacts = tableOf('contacts', z.object({ id: z.uuid(), name: personal(z.string().nullable(), 'id') }), ['id']);
const items = recordTable(item);
const list = listOf(item, { sorts: ['name'] });
const report = query('crm.report.read', {
  title: 'Report', permission: 'crm.report.read', http: 'GET /v1/crm/report', input: z.object({}), output: z.object({ total: z.int(), stamp }),
}); // prettier-ignore
const caller: Caller = {
  tenant: 't', actor: { kind: 'person', id: 'p' }, companies: 'all', fields: {}, incompatible: new Map([['a', ['b']]]),
  channel: 'rest', address: '192.0.2.1', correlationId: 'c', reason: null,
}; // prettier-ignore
const present = { newest: '70', position: 90n, schemas: ['rm_items_v1_g1'] };
const at = { trail: '5', position: '50', recordedAt: '2026-03-31T12:00:00Z' };
/** Rows are never looked at here. */
const read = (change: Partial<ReadContext> = {}): ReadContext =>
  ({ tenant: 't', past: true, position: 60n, stamp: at, present, rows: () => null, latest: () => null, elsewhere: () => null, ...change }) as unknown as ReadContext; // prettier-ignore

type Use = (read: ReadContext, tag: AnswerTag) => unknown;
const asked = (known: readonly string[] | '*' = [], change: Partial<Caller> = {}) =>
  ({ operation: report, input: {}, caller: { ...caller, ...change }, allRows: false, representation: { form: 'json', known } }); // prettier-ignore
/** The tag of an answer that was made in this way. */
const tagAfter = (use: Use, of = read(), change: Partial<Caller> = {}): string | null => {
  const tag = AnswerTag.of(asked([], change), of)!;
  use(tag.watched(), tag);
  return tag.on({ kind: 'answered', value: 1 }).tag ?? null;
};
const isKnown = (tag: string | null, of = read(), change: Partial<Caller> = {}): boolean =>
  AnswerTag.of(asked([tag ?? ''], change), of)!.unchanged !== null;

const rows: Use = (of) => of.rows(items);
const aboutPeople: Use = (of) => of.rows(contacts);
const latest: Use = (of) => of.latest(items);
const names: Use = (of) => of.elsewhere('o', contacts, sql`null`);
const next = read({ present: { ...present, newest: '80' } });
const elsewhere = read({ present: { ...present, position: 91n } });

describe('the tag of an answer', () => {
  it('says what the answer was made of', () => {
    const firsts = [rows, aboutPeople, latest, names].map((use) => tagAfter(use)?.[0]);
    expect(firsts).toEqual(['m', 't', 't', 'a']);
    expect(tagAfter((of) => void of.position)).toMatch(/^m/);
    expect(tagAfter((of) => void of.position, read({ past: false }))).toMatch(/^a/);
    expect(tagAfter((of) => [of.elsewhere('o', contacts, sql`null`), of.rows(items)])).toMatch(/^a/);
  });

  it('of a moment outlives every event where it shows nothing of now', () => {
    for (const later of [read(), next, elsewhere]) expect(isKnown(tagAfter(rows), later)).toBe(true);
    expect(isKnown(tagAfter(rows), read({ position: 61n }))).toBe(false);
    expect(isKnown(tagAfter(rows), read({ stamp: { ...at, recordedAt: '2026-03-31T12:00:01Z' } }))).toBe(false);
  });

  it('ends with the next event of the tenant where an erasure or a change of hands would change the answer', () => {
    for (const use of [aboutPeople, latest]) {
      expect([isKnown(tagAfter(use)), isKnown(tagAfter(use), elsewhere), isKnown(tagAfter(use), next)]).toEqual([true, true, false]); // prettier-ignore
    }
  });

  it('ends with the next event of all where the answer names people', () => {
    expect([isKnown(tagAfter(names)), isKnown(tagAfter(names), elsewhere)]).toEqual([true, false]);
  });

  it('ends when its rows are read from a rebuilt read model', () => {
    expect(isKnown(tagAfter(rows), read({ present: { ...present, schemas: ['rm_items_v1_g2'] } }))).toBe(false);
  });

  it('is of one caller with their rights, not of one request', () => {
    const changes: Partial<Caller>[] = [
      { actor: { kind: 'person', id: 'q' } },
      { tenant: 'u' },
      { companies: [] },
      { fields: { 'crm.item.name': 'hide' } },
      { incompatible: new Map([['a', ['c']]]) },
      { onBehalfOf: { kind: 'person', id: 'q' } },
    ];
    for (const change of changes) expect([change, isKnown(tagAfter(rows), read(), change)]).toEqual([change, false]);
    expect(isKnown(tagAfter(rows), read(), { correlationId: 'd', address: null, reason: 'Why' })).toBe(true);
  });

  it('is none for an answer made of more than read models, and none that was made up is known', () => {
    expect(tagAfter((_, tag) => tag.outside())).toBeNull();
    expect(tagAfter((of, tag) => [tag.outside(), of.rows(items)])).toBeNull();
    for (const tag of ['', 'm', 'outside', 'x', String(tagAfter(rows)).replace('m', 't')])
      expect(isKnown(tag)).toBe(false);
  });

  it('is on reports and on reads as of a moment, and never on a record of now, whose tag is its version', () => {
    const now = read({ past: false });
    expect(AnswerTag.of({ ...asked(), operation: list }, now)).toBeNull();
    expect(AnswerTag.of({ ...asked(), operation: list }, read())).not.toBeNull();
    expect(AnswerTag.of({ ...asked(), operation: readOf(item) }, now)).toBeNull();
    expect(AnswerTag.of({ ...asked(), operation: report }, now)).not.toBeNull();
    expect([isReport(report), isReport(list), isReport(readOf(item))]).toEqual([true, false, false]);
  });
});
