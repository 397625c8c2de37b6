import { accept, assertNever, type CommandOf, type Decider, reject, type Rejection } from '@daybook/kernel';
import { importChecked, type ImportEvent, importRefused, importStarted } from './import.events.js';
import type { importInternalCommands } from './import.internal.js';

/*
 * The stream of one import until it is read: begun once, then checked or refused, once. Whether it is posted or
 * cancelled is decided on the ledger stream, so that only one of the two can win (ledger/decide-import.ts).
 */
export type ImportState =
  | { readonly status: 'none' }
  | { readonly status: 'reading' }
  | { readonly status: 'checked' }
  | { readonly status: 'refused' };
export type ImportCommand = CommandOf<(typeof importInternalCommands)[number]>;
/** Revision of the ledger that the file will be read against; of interest to `begin` alone. */
export interface ImportDecisionFacts {
  readonly ledgerRevision: number;
}

const notReading = (state: ImportState): Rejection | null =>
  state.status === 'reading'
    ? null
    : reject('accounting.import-not-reading', 'This import is not being read: its reading ended, or never began.', {
        details: { status: state.status },
      });

export const importDecider: Decider<ImportState, ImportCommand, ImportEvent, ImportDecisionFacts> = {
  initial: { status: 'none' },
  decide: (command, state, _context, { ledgerRevision }) => {
    switch (command.name) {
      case 'accounting.import.begin':
        return state.status === 'none'
          ? accept(command.input.importId, 1, importStarted.of({ ...command.input, ledgerRevision }))
          : reject('accounting.import-begun', 'This import was begun before.');
      case 'accounting.import.check':
        return notReading(state) ?? accept(command.input.importId, 2, importChecked.of(command.input));
      case 'accounting.import.refuse':
        return notReading(state) ?? accept(command.input.importId, 2, importRefused.of(command.input));
      default:
        return assertNever(command);
    }
  },
  evolve: (state, event) => {
    switch (event.type) {
      case 'accounting.import-started':
        return { status: 'reading' };
      case 'accounting.entry-staged':
        return state;
      case 'accounting.import-checked':
        return { status: 'checked' };
      case 'accounting.import-refused':
        return { status: 'refused' };
      default:
        return assertNever(event);
    }
  },
};
