import {
  type CallOf,
  type CommandOperation,
  type CommandResult,
  isRejection,
  type Rejection,
  RejectionError,
} from '@daybook/kernel';
import { addAccount } from '../account/account.operations.js';
import { createCompany } from '../company/company.operations.js';
import { postEntry, reverseEntry } from '../entry/entry.operations.js';
import { addJournal } from '../journal/journal.operations.js';
import { demoBooks } from './books.js';
import { demoAccounts, demoCompany, demoJournals } from './chart.js';

/** Sends commands: the REST client of the start script, or the dispatcher. */
export interface DemoClient {
  execute<O extends CommandOperation>(operation: O, input: CallOf<O>, key: string): Promise<CommandResult | Rejection>;
}

/** Codes of a command that an earlier run has done, longer ago than idempotency keys are kept. */
const doneBefore = new Set([
  'accounting.company-exists',
  'accounting.account-exists',
  'accounting.journal-exists',
  'accounting.entry-already-reversed',
]);

/**
 * Writes the demo company's year of books through the real commands. Every command has its own idempotency key, so a
 * second run changes nothing and an interrupted one continues. Entries are sent one after the other, so that numbers and
 * trail are the same on every machine.
 */
export async function seedDemo(client: DemoClient): Promise<{ companyId: string; entries: number }> {
  const send = async <O extends CommandOperation>(operation: O, input: CallOf<O>, key: string): Promise<string> => {
    const answer = await client.execute(operation, input, `demo-${key}`);
    if (!isRejection(answer)) return answer.id;
    if (!doneBefore.has(answer.code)) throw new RejectionError(answer);
    const { companyId, entryId } = answer.details;
    return String(entryId ?? companyId ?? '');
  };
  const companyId = await send(createCompany, demoCompany, 'company');
  for (const [number, name, class_] of demoAccounts) {
    await send(addAccount, { companyId, number, name, class: class_ }, `account-${number}`);
  }
  for (const journal of demoJournals) await send(addJournal, { companyId, ...journal }, `journal-${journal.code}`);

  const ids = new Map<string, string>();
  for (const step of demoBooks()) {
    if (step.kind === 'entry') {
      ids.set(step.key, await send(postEntry, { companyId, ...step.entry }, step.key));
    } else {
      const { key, date, description } = step;
      ids.set(key, await send(reverseEntry, { companyId, entryId: ids.get(step.of) ?? '', date, description }, key));
    }
  }
  return { companyId, entries: ids.size };
}
