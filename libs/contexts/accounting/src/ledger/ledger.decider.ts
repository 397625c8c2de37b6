import type { CommandOf, Decider } from '@daybook/kernel';
import { entryCommands } from '../entry/entry.operations.js';
import { chartCommands, chartFolds, chartRules } from './decide-chart.js';
import { entryFolds, entryRules } from './decide-entry.js';
import { importFolds, importRules, ledgerImportCommands } from './decide-import.js';
import type { LedgerEvent } from './ledger.events.js';
import { emptyLedger, type FoldsOf, type LedgerDecisionFacts, type LedgerState, type RulesOf } from './ledger.state.js';

/*
 * The ledger of one company: one stream, all years. Each command has one rule and each event one fold, in tables
 * whose types name every command and event: code that forgets one does not compile.
 */
export const ledgerCommands = [...chartCommands, ...entryCommands, ...ledgerImportCommands] as const;
export type LedgerCommand = CommandOf<(typeof ledgerCommands)[number]>;

const rules: RulesOf<typeof ledgerCommands> = { ...chartRules, ...entryRules, ...importRules };
const folds: FoldsOf<LedgerEvent> = { ...chartFolds, ...entryFolds, ...importFolds };

export const ledger: Decider<LedgerState, LedgerCommand, LedgerEvent, LedgerDecisionFacts> = {
  initial: emptyLedger,
  decide: (command, state, context, facts) => rules[command.name](command.input as never, state, context, facts),
  evolve: (state, event, at) => folds[event.type](state, event.data as never, at),
};
