import type { CommandOf, Decider, Erased } from '@daybook/kernel';
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
  decide({ name, input }, state, context, facts) {
    const rule: Erased<(typeof rules)[typeof name]> = rules[name];
    return rule(input, state, context, facts);
  },
  evolve(state, { type, data }, at) {
    const fold: Erased<(typeof folds)[typeof type]> = folds[type];
    return fold(state, data, at);
  },
};
