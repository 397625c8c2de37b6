import { setImmediate as turn } from 'node:timers/promises';
import { testId } from '@daybook/projections/testing/given';
import type { QueryContext } from '@daybook/server';
import type { ReadableRecord, ReadableRecords } from '@daybook/server/record/readable-records';
import { recordNotFound } from './thread.decider.js';
import { saidOf } from './thread.queries.js';

const record = { recordType: 'accounting.entry', recordId: testId(1), companyId: testId(2) };
const readable = { one: 'entry' } as ReadableRecord;
const read = { caller: {}, admitted: async () => undefined } as unknown as QueryContext;

/** What is answered, and what was asked in which order. */
async function asked(find: () => Promise<ReadableRecord | null>, rows: () => Promise<unknown>) {
  const order: string[] = [];
  const noted =
    <T>(name: string, work: () => Promise<T>) =>
    () => {
      order.push(name);
      return work();
    };
  const records = { find: noted('record', find) } as unknown as ReadableRecords;
  const answer = await saidOf(records, read, record, noted('said', rows)).catch(String);
  await turn();
  return { answer, order };
}
const later =
  <T>(value: T) =>
  () =>
    turn().then(() => value);
const failing = async () => Promise.reject(new Error('The cursor is wrong.'));

describe('what is said about a record', () => {
  it('is asked behind the question whether the caller may read the record, without waiting for its answer', async () => {
    const { answer, order } = await asked(later(readable), async () => ['Seen']);
    expect([answer, order]).toEqual([{ said: ['Seen'], record: readable }, ['record', 'said']]);
  });

  it('tells nothing to who may not read the record: no problem of its own, and no time that it takes', async () => {
    const never = () => new Promise<never>(() => undefined);
    for (const rows of [failing, never]) {
      expect(await asked(later(null), rows)).toEqual({ answer: recordNotFound, order: ['record', 'said'] });
    }
  });

  it('is not asked where the right is refused without a question', async () => {
    expect(await asked(async () => null, failing)).toEqual({ answer: recordNotFound, order: ['record'] });
    expect(await asked(failing, failing)).toEqual({ answer: 'Error: The cursor is wrong.', order: ['record'] });
  });

  it('fails as it does for who may read the record', async () => {
    expect((await asked(later(readable), failing)).answer).toBe('Error: The cursor is wrong.');
  });
});
