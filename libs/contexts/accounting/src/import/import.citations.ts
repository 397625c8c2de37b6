import type { QueryOperation } from '@daybook/kernel';
import type { FileCitations } from '@daybook/server';
import { readEntry } from '../entry/entry.operations.js';
import { readImport } from './import.operations.js';
import { imports } from './import.projection.js';

/** An import cites its file. So do the entries it posted, which other people may read. */
const citedBy = (readers: QueryOperation, status: 'posted' | null): FileCitations => ({
  readers,
  of: (sha256, read) =>
    read.db
      .selectFrom(read.rows(imports).as('i'))
      .select(['i.companyId', (e) => e.fn.max('i.fileName').as('name')])
      .where('i.sha256', '=', sha256)
      .$if(status !== null, (q) => q.where('i.status', '=', 'posted'))
      .groupBy('i.companyId')
      .execute(),
});

export const importCitations: readonly FileCitations[] = [citedBy(readImport, null), citedBy(readEntry, 'posted')];
