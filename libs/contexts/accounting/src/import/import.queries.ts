import { allOf, anyOf } from '@daybook/projections';
import { reject } from '@daybook/kernel';
import { answer, taggedAs } from '@daybook/server';
import { Bindings } from '@daybook/server/dispatch/bindings';
import { sql } from 'kysely';
import { importJobId } from './import.job.js';
import { listImports, readImport } from './import.operations.js';
import { importReports, imports } from './import.projection.js';

const fields = [
  'i.id',
  'i.companyId',
  'i.companyName',
  'i.fileName',
  'i.sha256',
  'i.size',
  'i.format',
  'i.status',
  'i.entries',
  'i.lines',
  'i.startedAt',
  'i.startedBy',
  'i.postedAt',
  'i.version',
] as const;

export const importAnswers = [
  answer(listImports, { bindings: Bindings }, ({ limit, cursor, ...input }, read, { bindings }) => {
    const { companyId, status, statusNot } = input;
    const tagged = taggedAs(bindings.recordTags, { type: 'accounting.import', id: sql`i.id::text` }, input, read);
    return read.page(
      { limit, cursor },
      input,
      (row) => [row.startedAt, row.id],
      (after, count) =>
        read.db
          .selectFrom(read.rows(imports).as('i'))
          .select(fields)
          .$if(companyId !== undefined, (query) => query.where('i.companyId', '=', companyId ?? ''))
          .$if(status !== undefined, (query) => query.where('i.status', '=', anyOf(status ?? [])))
          .$if(statusNot !== undefined, (query) => query.where('i.status', '<>', allOf(statusNot ?? [])))
          .where(({ and }) => and(tagged))
          .$if(after !== null, (query) =>
            query.where(({ eb, refTuple, tuple }) =>
              eb(refTuple('i.startedAt', 'i.id'), '<', tuple(after?.[0] ?? '', after?.[1] ?? '')),
            ),
          )
          .orderBy('i.startedAt', 'desc')
          .orderBy('i.id', 'desc')
          .limit(count)
          .execute(),
    );
  }),

  answer(readImport, async ({ importId }, read) => {
    const found = await read.db
      .selectFrom(read.rows(imports).as('i'))
      .leftJoin(read.rows(importReports).as('r'), 'r.id', 'i.id')
      .select([...fields, 'i.openingDifferenceAccount', 'r.report'])
      .where('i.id', '=', importId)
      .executeTakeFirst();
    if (!found) return reject('accounting.import-not-found', 'There is no such import.', { status: 404 });
    return { ...found, jobId: importJobId(importId), report: found.report ?? null };
  }),
];
