import { deciding } from '@daybook/projections/testing/given';
import { isRejection } from '@daybook/kernel';
import { type ImportCommand, importDecider, type ImportState } from './import.decider.js';
import {
  entryStaged,
  importChecked,
  type ImportEvent,
  importEvents,
  importRefused,
  importStarted,
} from './import.events.js';
import { beginImport, checkImport, importInternalCommands, refuseImport } from './import.internal.js';
import { found, importId, report as reportWith } from '../ledger/testing/staged.js';

const started = found().started!;
const report = reportWith();
const { ledgerRevision: _, ...begin } = started;
const commands = {
  begin: { name: beginImport.name, input: begin },
  check: { name: checkImport.name, input: report },
  refuse: { name: refuseImport.name, input: { importId, companyId: begin.companyId, findings: [] } },
} as const satisfies Record<string, ImportCommand>;
const { fold, decideCommand } = deciding(importDecider, { newId: importId, facts: { ledgerRevision: 41 } });
const after = (...events: ImportEvent[]): ImportState => fold(events);
const decide = (state: ImportState, command: ImportCommand) => {
  const decision = decideCommand(state, command);
  return isRejection(decision) ? decision.code : decision;
};

const reading = [importStarted.of(started)];
const states: Record<string, ImportState> = {
  none: after(),
  reading: after(...reading),
  checked: after(...reading, importChecked.of(report)),
  refused: after(...reading, importRefused.of(commands.refuse.input)),
};

describe('an import', () => {
  it('is started once, and records the ledger revision it is checked against', () => {
    expect(decide(states['none']!, commands.begin)).toMatchObject({
      id: importId,
      version: 1,
      events: [{ type: importStarted.name, data: { ...begin, ledgerRevision: 41 } }],
    });
    for (const status of ['reading', 'checked', 'refused']) {
      expect(decide(states[status]!, commands.begin)).toBe('accounting.import-begun');
    }
  });

  it('is checked or refused once', () => {
    expect(decide(states['reading']!, commands.check)).toMatchObject({
      version: 2,
      events: [importChecked.of(report)],
    });
    expect(decide(states['reading']!, commands.refuse)).toMatchObject({
      version: 2,
      events: [importRefused.of(commands.refuse.input)],
    });
    for (const status of ['none', 'checked', 'refused']) {
      expect(decide(states[status]!, commands.check)).toBe('accounting.import-not-reading');
      expect(decide(states[status]!, commands.refuse)).toBe('accounting.import-not-reading');
    }
  });

  it('does not change state while entries are staged', () => {
    // They are in a stream of their own.
    expect(importEvents.map(({ name }) => name)).not.toContain(entryStaged.name);
    expect(states['reading']).toEqual({ status: 'reading' });
  });

  it('uses the permission to start imports for its internal commands', () => {
    expect(new Set(importInternalCommands.map((step) => step.permission))).toEqual(
      new Set(['accounting.import.start']),
    );
  });
});
