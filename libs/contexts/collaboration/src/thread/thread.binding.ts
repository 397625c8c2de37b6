import { type CommandOperation, streamName } from '@daybook/kernel';
import { decide, type DecideBinding } from '@daybook/server';
import { personReading, ReadableRecords, type RecordKey } from '@daybook/server/record/readable-records';
import { mentionsIn } from '../comment/mention.schema.js';
import { tagStatus } from '../tag/tag.published.js';
import {
  processSteps,
  recordNotFound,
  threadCommands,
  threadDecider,
  threadEvents,
  threadSteps,
} from './thread.decider.js';
import { threadIdOf, type ThreadRecord } from './thread.schema.js';

/** A command names its record, or a thread that it belongs to. */
export const keyOf = ({ recordType, recordId, companyId }: ThreadRecord): RecordKey => ({
  type: recordType,
  id: recordId,
  companyId,
});
const threadIn = (input: ThreadRecord | { threadId: string }) =>
  'threadId' in input ? input.threadId : threadIdOf(input);

/** One stream per record of the tenant. */
export const threadStream = (tenant: string, threadId: string): string =>
  streamName('collaboration.thread', tenant, threadId);

/** Every command on a thread is for those who may read its record. */
export const threadBinding = decide({
  operations: threadCommands,
  decider: threadDecider,
  events: threadEvents,
  inject: { records: ReadableRecords },
  stream: (input, { tenant }) => threadStream(tenant, threadIn(input)),
  facts: {
    outsiders: {
      soft: async ({ input, state, caller, read }, { records }) => {
        const record = 'recordType' in input ? input : state.record;
        if (record === null) return recordNotFound;
        return read(async (context) => {
          if (!(await records.find(context, caller, keyOf(record)))) return recordNotFound;
          const outsiders: string[] = [];
          for (const id of personsIn(input)) {
            if (!(await records.find(context, personReading(caller.tenant, id), keyOf(record)))) outsiders.push(id);
          }
          return outsiders;
        });
      },
    },
    tag: { binding: ({ input, of }) => ('tagId' in input ? of(tagStatus, input.tagId) : null) },
  },
  // To follow what one follows, or to write what a comment says already.
  mayChangeNothing: true,
});

/** Whom a command names besides who sends it. */
const personsIn = (input: object): string[] => [
  ...('text' in input && typeof input.text === 'string' ? mentionsIn(input.text) : []),
  ...('personId' in input && typeof input.personId === 'string' ? [input.personId] : []),
];

const internal = (operations: readonly CommandOperation[]): DecideBinding => ({ ...threadBinding, operations });
const forNobody = async () => ({ outsiders: [] });
export const threadInternal = [internal(threadSteps), { ...internal(processSteps), facts: forNobody }];
