import * as z from 'zod';
import { event } from './event.js';
import { personal, personalPlaces } from './personal.js';
import { isRejection, reject } from './rejection.js';

describe('an event declaration', () => {
  const renamed = event('demo.thing-renamed', {
    data: z.object({ thingId: z.string(), name: personal(z.string(), 'thingId') }),
    record: (data) => ({ type: 'demo.thing', id: data.thingId }),
  });

  it('makes events, and names their record', () => {
    const made = renamed.of({ thingId: 't1', name: 'One' });
    expect(made).toEqual({ type: 'demo.thing-renamed', data: { thingId: 't1', name: 'One' } });
    expect(renamed.record(made.data)).toEqual({ type: 'demo.thing', id: 't1' });
  });
  it('defaults to version 1, not staged, applying nothing', () => {
    expect([renamed.version, renamed.staged, renamed.applies]).toEqual([1, false, null]);
  });
  it('belongs to the company that its data names, unless it says otherwise', () => {
    const data = z.object({ companyId: z.string().nullable() });
    const record = () => ({ type: 'demo.thing', id: 't1' });
    const [moved, given] = [
      event('demo.moved', { data, record }),
      event('demo.given', { data, record, company: null }),
    ];
    const taken = event('demo.taken', { data: z.object({ from: z.string() }), record, company: ({ from }) => from });
    expect([moved.company({ companyId: 'a' }), moved.company({ companyId: null })]).toEqual(['a', null]);
    expect([given.company({ companyId: 'a' }), taken.company({ from: 'b' }), renamed.company({})]).toEqual([
      null,
      'b',
      null,
    ]);
  });
  it('tells of the record that its data names, unless it says otherwise', () => {
    const data = z.object({ recordType: z.string(), recordId: z.string() });
    const record = () => ({ type: 'demo.note', id: 'n1' });
    const [said, own] = [event('demo.said', { data, record }), event('demo.own', { data, record, about: () => null })];
    const named = { recordType: 'demo.thing', recordId: 't1' };
    expect([said.about(named), own.about(named), renamed.about({})]).toEqual([{ type: 'demo.thing', id: 't1' }, null, null]); // prettier-ignore
  });
  it('knows which fields are personal data, and of which subject', () => {
    expect(personalPlaces(renamed.data)).toMatchObject([{ path: 'name', subject: 'thingId' }]);
  });
});

describe('a rejection', () => {
  it('is a value with a code, a message and a status', () => {
    const no = reject('demo.closed', 'It is closed.', { details: { since: '2026-01-01' } });
    expect(isRejection(no)).toBe(true);
    expect(no).toMatchObject({ code: 'demo.closed', status: 409, errors: [] });
    expect(isRejection(new Error('bug'))).toBe(false);
  });
});
