import { type CommandOf, deciderOf } from '@daybook/kernel';
import { entryCommands } from '../entry/entry.operations.js';
import { chartCommands, chartFolds, chartRules } from './decide-chart.js';
import { entryFolds, entryRules } from './decide-entry.js';
import { importFolds, importRules, ledgerImportCommands } from './decide-import.js';
import type { LedgerEvent } from './ledger.events.js';
import { emptyLedger, type LedgerDecisionFacts, type LedgerState } from './ledger.state.js';

/* The ledger of one company: one stream, all years. */
export const ledgerCommands = [...chartCommands, ...entryCommands, ...ledgerImportCommands] as const;
export type LedgerCommand = CommandOf<(typeof ledgerCommands)[number]>;

export const ledger = deciderOf<typeof ledgerCommands, LedgerState, LedgerEvent, LedgerDecisionFacts>({
  commands: ledgerCommands,
  initial: emptyLedger,
  rules: { ...chartRules, ...entryRules, ...importRules },
  folds: { ...chartFolds, ...entryFolds, ...importFolds },
});
