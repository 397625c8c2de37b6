import { isRejection } from '@daybook/kernel';
import { type Caller, companiesOf, grantsFor, type People, rightsHolder, uniqueField } from '@daybook/server';
import type { LedgerCommand } from '../ledger/ledger.decider.js';
import { companyCreated, importPosted } from '../ledger/ledger.events.js';
import type { LedgerState } from '../ledger/ledger.state.js';
import { listCompanies } from './company.operations.js';
import { companyOf } from './company.queries.js';

/** A registration number belongs to one company of the tenant, whether somebody creates it or an import does. */
export const registrationNumber = uniqueField<LedgerState, LedgerCommand, { readonly people: People }>({
  name: 'accounting.company.registration-number',
  label: 'registration number',
  pointer: '/registrationNumber',
  changedBy: [companyCreated, importPosted],
  of: ({ company }) => company && { owner: company.id, value: company.registrationNumber ?? null },
  taken: async ({ owner, value, exists, caller, read }, { people }) => {
    if (!(await sees(caller, owner, people))) {
      return exists(`The registration number ${value} belongs to a company that you cannot see. Ask an administrator.`);
    }
    const known = await read((models) => companyOf(models, owner));
    const name = isRejection(known) ? null : known.name;
    const message = `The registration number ${value} belongs to ${name ?? 'another company'}. Use that company, or correct the number.`;
    return exists(message, { companyId: owner, name });
  },
});

/** Would the company be in the caller's list of companies? */
async function sees(caller: Caller, companyId: string, people: People): Promise<boolean> {
  const rights = await people.rightsOf(caller.tenant, rightsHolder(caller));
  const granting = rights ? grantsFor(listCompanies, {}, rights) : [];
  if (isRejection(granting)) return false;
  const companies = companiesOf(granting);
  return companies === 'all' || companies.includes(companyId);
}
