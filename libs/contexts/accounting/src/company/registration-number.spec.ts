import { type Rejection, reject } from '@daybook/kernel';
import type { Caller, EffectiveGrant, People } from '@daybook/server';
import { createCompany } from './company.operations.js';
import { importPosted } from '../ledger/ledger.events.js';
import { company, created, fold, nordlys, tenant } from '../ledger/testing/given.js';
import { postedImport } from '../ledger/testing/staged.js';
import { registrationNumber } from './registration-number.js';

const other = '0199f3a0-0000-7000-8000-0000000000c1';
const caller: Caller = {
  tenant,
  actor: { kind: 'person', id: 'ola' },
  channel: 'rest',
  address: null,
  correlationId: 'spec',
  reason: null,
};

/** What somebody is told who reads these companies: all of them by `null`. */
function told(reads: readonly (string | null)[] | 'not a member', by: Partial<Caller> = {}): Promise<Rejection> {
  const asked: unknown[] = [];
  const grants = (reads === 'not a member' ? [] : reads).map(
    (companyId) => ({ companyId, permissions: new Set(['accounting.company.read']) }) as unknown as EffectiveGrant,
  );
  const people = {
    rightsOf: async (_: string, actor: unknown) => {
      asked.push(actor);
      return reads === 'not a member' ? null : { grants, incompatible: new Map(), peers: [] };
    },
  } as unknown as People;
  const input = { name: 'New AS', registrationNumber: '999 888 777', currency: 'NOK', zone: 'UTC', fiscalYearStart: 1 };
  const asking = {
    command: { name: createCompany.name, input },
    input,
    state: fold([]),
    caller: { ...caller, ...by },
    now: '2026-04-01T08:00:00Z',
    events: { stream: async function* () {} },
    of: async () => Promise.reject(new Error('Not asked')),
    read: async () => ({ name: nordlys.name }) as never,
    owner: company,
    value: '999 888 777',
    exists: (message: string, details = {}) => reject('accounting.registration-number-exists', message, { details }),
  };
  return Promise.resolve(registrationNumber.taken(asking, { people }));
}

describe('the registration number of a company', () => {
  it('is its own, whether it was created or came with an import', () => {
    const mine = { owner: company, value: '999888777' };
    expect(registrationNumber.of(fold([]))).toBeNull();
    expect(registrationNumber.of(fold([created()]))).toEqual(mine);
    expect(registrationNumber.of(fold([importPosted.of(postedImport())]))).toEqual(mine);
    expect(registrationNumber.of(fold([created({ registrationNumber: undefined })]))?.value).toBeNull();
  });

  it('is the same one with and without blanks', () => {
    expect(registrationNumber.form('999 888 777 MVA')).toBe(registrationNumber.form('999888777mva'));
  });

  it('is refused with the company that has it, to those who see that company', async () => {
    for (const reads of [[null], [other, company]]) {
      expect(await told(reads)).toMatchObject({
        message: expect.stringContaining(nordlys.name),
        details: { companyId: company, name: nordlys.name },
      });
    }
  });

  it('is refused without that company to those who do not', async () => {
    for (const reads of [[], [other], 'not a member' as const]) {
      const refused = await told(reads);
      expect(refused.details).toEqual({});
      expect(refused.message).not.toContain(nordlys.name);
    }
  });
});
