import { testId } from '@daybook/projections/testing/given';
import { threadIdOf } from '../thread/thread.schema.js';

/* Samples for the specs of tags, files and tasks on an entry; Kari acts. */
export const [kari, ola, companyId, tagId, attachmentId, taskId] = [7, 2, 3, 4, 5, 6].map(testId) as [
  string, string, string, string, string, string,
]; // prettier-ignore
export const record = { recordType: 'accounting.entry', recordId: testId(1), companyId };
export const threadId = threadIdOf(record);
/** What commands are decided by unless a spec says otherwise. */
export const facts = { outsiders: [] } as const;

export const tagged = { threadId, tagId, ...record };
export const sha256 = 'a'.repeat(64);
export const attached = { threadId, attachmentId, ...record, attachedBy: kari, sha256, name: 'contract.pdf', size: 42 };
export const task = {
  threadId,
  taskId,
  ...record,
  setBy: kari,
  title: 'Ask for the contract',
  personId: ola,
  dueOn: '2026-04-08',
  zone: 'Europe/Oslo',
  dueAt: '2026-04-08T05:00:00.000Z',
};
