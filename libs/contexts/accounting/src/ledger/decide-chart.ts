import { accept, checkVersion, type EventsOf, reject, type Rejection, withKey } from '@daybook/kernel';
import { accountCommands } from '../account/account.operations.js';
import { companyCommands } from '../company/company.operations.js';
import { journalCommands } from '../journal/journal.operations.js';
import { unallocatedResults } from '../trial-balance/trial-balance.operations.js';
import {
  accountAdded,
  accountChanged,
  type AccountData,
  type chartEvents,
  companyCreated,
  journalAdded,
} from './ledger.events.js';
import { type LedgerFolds, type LedgerState, type LedgerRules } from './ledger.state.js';

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
      return reject('accounting.zone-invalid', message, {
        details: { zone: input.zone },
        errors: [{ pointer: '/zone', code: 'accounting.zone-invalid', message }],
      });
    }
    const { name, currency, zone, fiscalYearStart } = input;
    const registrationNumber = input.registrationNumber ?? null;
    const data = { companyId: context.newId, name, registrationNumber, currency, zone, fiscalYearStart };
    return accept(context.newId, 1, companyCreated.of(data));
  },

  'accounting.account.add': (input, state) => {
    if (!state.company) return companyNotFound(input.companyId);
    if (reserved.includes(input.number)) {
      const message = `${input.number} is the name of a computed line in reports. Use another number.`;
      return reject('accounting.account-reserved', message, {
        errors: [{ pointer: '/number', code: 'accounting.account-reserved', message }],
      });
    }
    const known = state.accounts.get(input.number);
    if (known) {
      const message = `Account ${known.number} is already in the chart: ${known.name}. Use another number, or change that account.`;
      return reject('accounting.account-exists', message, {
        details: { number: known.number, name: known.name },
        errors: [{ pointer: '/number', code: 'accounting.account-exists', message }],
      });
    }
    return accept(`${input.companyId}/${input.number}`, 1, accountAdded.of(input));
  },

  'accounting.account.change': (input, state, context) => {
    if (!state.company) return companyNotFound(input.companyId);
    const known = state.accounts.get(input.number);
    if (!known) {
      return reject('accounting.account-not-found', `Account ${input.number} is not in the chart. Add it first.`, {
        status: 404,
        details: { number: input.number },
      });
    }
    const stale = checkVersion(context, known.version);
    if (stale) return stale;
    const { companyId, number } = input;
    const id = `${companyId}/${number}`;
    const data = {
      name: input.name ?? known.name,
      class: input.class ?? known.class,
      postingAllowed: input.postingAllowed ?? known.postingAllowed,
    };
    const same = known.name === data.name && known.class === data.class && known.postingAllowed === data.postingAllowed;
    return same
      ? accept(id, known.version)
      : accept(id, known.version + 1, accountChanged.of({ companyId, number, ...data }));
  },

  'accounting.journal.add': (input, state) => {
    if (!state.company) return companyNotFound(input.companyId);
    const known = state.journals.get(input.code);
    if (known) {
      const message = `Journal ${known.code} already exists: ${known.name}. Use another code.`;
      return reject('accounting.journal-exists', message, {
        details: { code: known.code, name: known.name },
        errors: [{ pointer: '/code', code: 'accounting.journal-exists', message }],
      });
    }
    return accept(`${input.companyId}/${input.code}`, 1, journalAdded.of(input));
  },
};

export const chartFolds: LedgerFolds<EventsOf<typeof chartEvents>> = {
  'accounting.company-created': (state, { companyId, ...data }) => ({
    ...state,
    company: { id: companyId, ...data },
  }),
  'accounting.account-added': (state, data) => withAccount(state, data, 1),
  'accounting.account-changed': (state, data) =>
    withAccount(state, data, (state.accounts.get(data.number)?.version ?? 0) + 1),
  'accounting.journal-added': (state, { code, name }) => ({
    ...state,
    journals: withKey(state.journals, code, { code, name, version: 1 }),
  }),
};

const withAccount = (state: LedgerState, data: AccountData, version: number): LedgerState => {
  const { number, name, class: class_, postingAllowed } = data;
  return {
    ...state,
    accounts: withKey(state.accounts, number, { number, name, class: class_, postingAllowed, version }),
  };
};

function isZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
