import { viewOf } from '@daybook/kernel';
import { addJournal, listJournals } from './journal.operations.js';

export const journalView = viewOf(listJournals, {
  columns: ['code', 'name'],
  actions: { create: addJournal },
  empty: 'There are no journals yet. Entries are numbered per journal: add one first.',
});
