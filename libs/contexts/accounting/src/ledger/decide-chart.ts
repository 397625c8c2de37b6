import {
  decideRecord,
  type EventsOf,
  fieldInvalid,
  isRejection,
  isZone,
  recordExists,
  reject,
  type Rejection,
  without,
  withKey,
} from '@daybook/kernel';
import { accountCommands, addAccount, changeAccount, removeAccount } from '../account/account.operations.js';
import { account } from '../account/account.record.js';
import { companyCommands, createCompany } from '../company/company.operations.js';
import { addJournal, journalCommands } from '../journal/journal.operations.js';
import { journal } from '../journal/journal.record.js';
import { unallocatedResults } from '../trial-balance/trial-balance.operations.js';
import {
  accountAdded,
  accountChanged,
  type AccountData,
  accountEvents,
  accountRemoved,
  type chartEvents,
  companyCreated,
  journalAdded,
} from './ledger.events.js';
import { type LedgerFolds, type LedgerRules, type LedgerState, versioned } from './ledger.state.js';

/*
 * Company, chart of accounts and journals.
 * - The company is the first event of its ledger, and is created once.
 * - Account numbers and journal codes are unique within the company. Each account has its own version (ETag).
 * - An account is removed only while nothing was ever posted to it. Its number is free then; the version runs on, so that nobody
 *   takes the next account of the number for the one they saw.
 */
export const chartCommands = [...companyCommands, ...accountCommands, ...journalCommands] as const;

/** Names of the computed lines of reports. */
const reserved: readonly string[] = [unallocatedResults, 'total'];

export const companyNotFound = (companyId: string): Rejection =>
  reject('accounting.company-not-found', 'There is no such company.', { status: 404, details: { companyId } });

export const chartRules: LedgerRules<typeof chartCommands> = {
  'accounting.company.create': (input, state, context) => {
    if (state.company) {
      return reject('accounting.company-exists', `The company ${state.company.name} already exists.`, {
        details: { companyId: state.company.id },
      });
    }
    if (!isZone(input.zone)) {
      const message = `${input.zone} is not a known time zone. Give an IANA name like Europe/Oslo.`;
      return fieldInvalid('accounting.zone-invalid', 'zone', message, { zone: input.zone });
    }
    return decideRecord(createCompany, [companyCreated], null, input, context, companyCreated.of);
  },

  'accounting.account.add': (input, state, context) => {
    if (!state.company) return companyNotFound(input.companyId);
    if (reserved.includes(input.number)) {
      const message = `${input.number} is the name of a computed line in reports. Use another number.`;
      return reject('accounting.account-reserved', message, {
        errors: [{ pointer: '/number', code: 'accounting.account-reserved', message }],
      });
    }
    const known = state.accounts.get(input.number);
    if (known) {
      const { number, name } = known;
      const way = 'Use another number, or change that account.';
      return recordExists(account, 'number', `Account ${number} is already in the chart: ${name}. ${way}`, {
        number,
        name,
      });
    }
    const decision = decideRecord(addAccount, accountEvents, null, input, context, accountAdded.of);
    const before = state.removedAccounts.get(input.number)?.length ?? 0;
    return isRejection(decision) ? decision : { ...decision, version: decision.version + before };
  },

  'accounting.account.change': (input, state, context) =>
    state.company
      ? decideRecord(
          changeAccount,
          accountEvents,
          state.accounts.get(input.number) ?? null,
          input,
          context,
          accountChanged.of,
        )
      : companyNotFound(input.companyId),

  'accounting.account.remove': (input, state, context) => {
    if (!state.company) return companyNotFound(input.companyId);
    const { number } = input;
    const known = state.accounts.get(number) ?? null;
    return decideRecord(removeAccount, [accountRemoved], known, input, context, () =>
      known === null || !state.usedAccounts.has(number)
        ? accountRemoved.of({ companyId: input.companyId, number, name: known?.name ?? '' })
        : reject(
            'accounting.account-used',
            `Account ${number} ${known.name} has entries, so it stays in the chart. To close it, turn off “Posting allowed”.`,
            { details: { number, name: known.name } },
          ),
    );
  },

  'accounting.journal.add': (input, state, context) => {
    if (!state.company) return companyNotFound(input.companyId);
    const known = state.journals.get(input.code);
    if (known) {
      const { code, name } = known;
      return recordExists(journal, 'code', `Journal ${code} already exists: ${name}. Use another code.`, {
        code,
        name,
      });
    }
    return decideRecord(addJournal, [journalAdded], null, input, context, journalAdded.of);
  },
};

export const chartFolds: LedgerFolds<EventsOf<typeof chartEvents>> = {
  'accounting.company-created': (state, data, at) => ({ ...state, company: versioned(null, data, at) }),
  'accounting.account-added': (state, { companyId: _, ...data }, at) => ({
    ...state,
    ...withAccounts(state, [data], at),
  }),
  'accounting.account-changed': (state, { companyId: _, ...data }, at) => ({
    ...state,
    ...withAccounts(state, [data], at),
  }),
  'accounting.account-removed': (state, { number }, { revision }) => ({
    ...state,
    accounts: without(state.accounts, number),
    removedAccounts: withKey(state.removedAccounts, number, [
      ...(state.accounts.get(number)?.revisions ?? []),
      revision,
    ]),
  }),
  'accounting.journal-added': (state, { code, name }, at) => ({
    ...state,
    journals: withKey(state.journals, code, versioned(null, { code, name }, at)),
  }),
};

/** An added account is whole; a change has only what differs. */
export const withAccounts = (
  state: LedgerState,
  changed: readonly Omit<EventsOf<typeof accountEvents>['data'], 'companyId'>[],
  at: { readonly revision: number },
): Pick<LedgerState, 'accounts' | 'removedAccounts'> => {
  let { accounts, removedAccounts } = state;
  for (const data of changed) {
    const { number } = data;
    const known = accounts.get(number);
    const revisions = known?.revisions ?? removedAccounts.get(number) ?? [];
    accounts = withKey(accounts, number, versioned({ revisions }, { ...known, ...data } as AccountData, at));
    removedAccounts = without(removedAccounts, number);
  }
  return { accounts, removedAccounts };
};
