import { Companies, type EventReader } from '@daybook/server';
import { ledgerStream } from '../ledger/ledger.decision-facts.js';
import { companyCreated, importPosted } from '../ledger/ledger.events.js';

/** Events that a company begins with; a cancelled import of a company that was never made may come before. */
const founding: ReadonlySet<string> = new Set([companyCreated.name, importPosted.name]);

/** A company is there once its ledger is. */
export class LedgerCompanies extends Companies {
  constructor(private readonly events: EventReader) {
    super();
  }

  async has(tenant: string, companyId: string): Promise<boolean> {
    const stream = ledgerStream(tenant, companyId);
    // The first event tells for nearly all; a stream is read in large pages.
    for (const most of [{ limit: 1 }, {}]) {
      for await (const { type } of this.events.stream(stream, { unknown: 'skip', ...most })) {
        if (founding.has(type)) return true;
      }
    }
    return false;
  }
}
