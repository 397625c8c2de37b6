import { Companies, contextOf, decide, EVENT_READER, People } from '@daybook/server';
import { contextModule } from '@daybook/server/nest/context.module';
import { provider } from '@daybook/server/nest/provider';
import { Global, Module } from '@nestjs/common';
import { accounting as face } from './index.js';
import { listAccounts } from './account/account.operations.js';
import { accountProjection } from './account/account.projection.js';
import { accountAnswers } from './account/account.queries.js';
import { listCompanies } from './company/company.operations.js';
import { companyProjection } from './company/company.projection.js';
import { companyAnswers } from './company/company.queries.js';
import { LedgerCompanies } from './company/ledger-companies.js';
import { registrationNumber } from './company/registration-number.js';
import { listEntries } from './entry/entry.operations.js';
import { entryProjection } from './entry/entry.projection.js';
import { entryAnswers } from './entry/entry.queries.js';
import { explainEntryAnswers } from './explain/explain-entry.queries.js';
import { explainFigureAnswers } from './explain/explain-figure.queries.js';
import { importCitations } from './import/import.citations.js';
import { entryStaged, importEvents } from './import/import.events.js';
import { importJobBinding } from './import/import.job.js';
import { listImports } from './import/import.operations.js';
import { importProjection } from './import/import.projection.js';
import { importAnswers } from './import/import.queries.js';
import { importInternalBinding, startImportBinding, stopImportJob } from './import/import.start.js';
import { listJournals } from './journal/journal.operations.js';
import { journalProjection } from './journal/journal.projection.js';
import { journalAnswers } from './journal/journal.queries.js';
import { ledger, ledgerCommands } from './ledger/ledger.decider.js';
import { ledgerEvents } from './ledger/ledger.events.js';
import { ledgerDecisionFacts, ledgerRevisionsOf, ledgerStream } from './ledger/ledger.decision-facts.js';
import { listSubledgerLines } from './subledger-line/subledger-line.operations.js';
import { subledgerLineAnswers } from './subledger-line/subledger-line.queries.js';
import { readAccountLedger } from './account-ledger/account-ledger.operations.js';
import { accountLedgerAnswers } from './account-ledger/account-ledger.queries.js';
import { readTrialBalance } from './trial-balance/trial-balance.operations.js';
import { trialBalanceAnswers } from './trial-balance/trial-balance.queries.js';

const ledgerBinding = decide({
  operations: ledgerCommands,
  inject: { people: People },
  decider: ledger,
  events: ledgerEvents,
  stream: (input, caller, newId) => ledgerStream(caller.tenant, 'companyId' in input ? input.companyId : newId),
  facts: { binding: ({ command, state, caller, events }) => ledgerDecisionFacts(command, state, caller, { events }) },
  snapshots: { code: import.meta.resolve('./ledger/ledger.decider.js') },
  revisionsOf: ledgerRevisionsOf,
  unique: [registrationNumber],
  afterwards: stopImportJob,
  // A change of an account to its current values records nothing.
  mayChangeNothing: true,
});

/** Accounting: companies, charts, journals, entries, reports, imports. */
export const accounting = contextOf(face, [], {
  events: [...ledgerEvents, ...importEvents, entryStaged],
  bindings: [
    ledgerBinding,
    startImportBinding,
    ...companyAnswers,
    ...accountAnswers,
    ...journalAnswers,
    ...entryAnswers,
    ...accountLedgerAnswers,
    ...trialBalanceAnswers,
    ...explainFigureAnswers,
    ...explainEntryAnswers,
    ...importAnswers,
    ...subledgerLineAnswers,
  ],
  internal: [importInternalBinding],
  projections: [companyProjection, accountProjection, journalProjection, entryProjection, importProjection],
  channels: {
    companies: listCompanies,
    accounts: listAccounts,
    journals: listJournals,
    entries: listEntries,
    'account-ledger': readAccountLedger,
    'trial-balance': readTrialBalance,
    imports: listImports,
    'subledger-lines': listSubledgerLines,
  },
  jobs: [importJobBinding],
  citations: importCitations,
});

/** Global: other contexts ask whether a company is there. */
@Global()
@Module(
  contextModule(accounting, {
    providers: [provider(Companies, { events: EVENT_READER }, ({ events }) => new LedgerCompanies(events))],
    exports: [Companies],
  }),
)
export class AccountingModule {}
