import {
  decideRecord,
  type EventsOf,
  fieldInvalid,
  isZone,
  recordExists,
  reject,
  type Rejection,
  withKey,
} from '@daybook/kernel';
import { accountCommands, addAccount, changeAccount } from '../account/account.operations.js';
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
  type chartEvents,
  companyCreated,
  journalAdded,
} from './ledger.events.js';
import { type LedgerFolds, type LedgerRules, type LedgerState, versioned } from './ledger.state.js';

/*
 * Company, chart of accounts and journals.
 * - The company is the first event of its ledger, and is created once.
 * - Account numbers and journal codes are unique within the company. Each account has its own version (ETag).
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
    return decideRecord(addAccount, accountEvents, null, input, context, accountAdded.of);
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
  'accounting.account-added': (state, data, at) => withAccount(state, data, at),
  'accounting.account-changed': (state, data, at) => withAccount(state, data, at),
  'accounting.journal-added': (state, { code, name }, at) => ({
    ...state,
    journals: withKey(state.journals, code, versioned(null, { code, name }, at)),
  }),
};

/** An added account is whole; a change has only what differs. */
const withAccount = (
  state: LedgerState,
  { companyId: _, ...data }: EventsOf<typeof accountEvents>['data'],
  at: { readonly revision: number },
): LedgerState => {
  const known = state.accounts.get(data.number);
  const next = versioned(known, { ...known, ...data } as AccountData, at);
  return { ...state, accounts: withKey(state.accounts, data.number, next) };
};
