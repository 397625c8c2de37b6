import { create, listOf } from '@daybook/kernel';
import { journal } from './journal.record.js';

export const addJournal = create(journal, {
  verb: 'add',
  title: 'Add a journal',
  says: 'added journal {code} {name}',
  delegated: true,
});
export const journalCommands = [addJournal] as const;

export const listJournals = listOf(journal, { sorts: ['code'], whole: true, delegated: true });
