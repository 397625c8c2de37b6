import type { RecordedEvent } from '@daybook/kernel';
import type { EventReader } from '@daybook/server';
import { accountAdded, companyCreated, importCancelled, importPosted } from '../ledger/ledger.events.js';
import { company, tenant } from '../ledger/testing/given.js';
import { LedgerCompanies } from './ledger-companies.js';

/** Whether the company of this ledger is there, and how many events each reading asked for. */
async function asked(ledger: readonly { readonly name: string }[]) {
  const limits: number[] = [];
  const events: EventReader = {
    stream: async function* (_, { limit = Infinity } = {}) {
      limits.push(limit);
      yield* ledger.slice(0, limit).map(({ name: type }) => ({ type }) as RecordedEvent);
    },
  };
  return { isThere: await new LedgerCompanies(events).has(tenant, company), limits };
}

describe('whether a company is there', () => {
  it('takes one event of its ledger, not a page of it', async () => {
    expect(await asked([companyCreated, accountAdded, accountAdded])).toEqual({ isThere: true, limits: [1] });
  });

  it('is true after cancelled imports only once one is posted', async () => {
    expect((await asked([])).isThere).toBe(false);
    expect((await asked([importCancelled, importCancelled])).isThere).toBe(false);
    expect((await asked([importCancelled, importPosted])).isThere).toBe(true);
  });
});
