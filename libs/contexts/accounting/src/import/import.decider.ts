import { accept, assertNever, type CommandOf, type Decider, reject, type Rejection } from '@daybook/kernel';
import { importChecked, type ImportEvent, importRefused, importStarted } from './import.events.js';
import type { importInternalCommands } from './import.internal.js';

/*
 * One import while its file is read: started once, then checked or refused once. Posting and cancelling are decided on the
 * ledger stream, so that only one of them can succeed (ledger/decide-import.ts).
 */
export type ImportState =
  | { readonly status: 'none' }
  | { readonly status: 'reading' }
  | { readonly status: 'checked' }
  | { readonly status: 'refused' };
export type ImportCommand = CommandOf<(typeof importInternalCommands)[number]>;
/** The revision of the ledger that the file is checked against. Only `begin` uses it. */
export interface ImportDecisionFacts {
  readonly ledgerRevision: number;
}

const notReading = (state: ImportState): Rejection | null =>
  state.status === 'reading'
    ? null
    : reject(
        'accounting.import-not-reading',
        'The file of this import is not being read: that ended, or never started.',
        {
          details: { status: state.status },
        },
      );

export const importDecider: Decider<ImportState, ImportCommand, ImportEvent, ImportDecisionFacts> = {
  initial: { status: 'none' },
  decide: (command, state, _context, { ledgerRevision }) => {
    switch (command.name) {
      case 'accounting.import.begin':
        return state.status === 'none'
          ? accept(command.input.importId, 1, importStarted.of({ ...command.input, ledgerRevision }))
          : reject('accounting.import-begun', 'This import has already been started.');
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
      case 'accounting.import-checked':
        return { status: 'checked' };
      case 'accounting.import-refused':
        return { status: 'refused' };
      default:
        return assertNever(event);
    }
  },
};
