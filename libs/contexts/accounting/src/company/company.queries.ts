import { isRejection, recordNotFound, type Rejection, type RowOfRecord } from '@daybook/kernel';
import { answers, type ReadContext } from '@daybook/projections';
import { answerOf } from '@daybook/server';
import { listCompanies, readCompany } from './company.operations.js';
import { companies } from './company.projection.js';
import { company } from './company.record.js';

const fields = [
  'c.id',
  'c.name',
  'c.registrationNumber',
  'c.currency',
  'c.zone',
  'c.fiscalYearStart',
  'c.version',
] as const;

type Company = RowOfRecord<typeof company>;

/** To be asked together with what a company's page shows; `companyIn` reads the answer. */
export const companyQuery = (read: ReadContext, companyId: string) =>
  read.db.selectFrom(read.rows(companies).as('c')).select(fields).where('c.id', '=', companyId);
/** The company, or a 404: a company of another tenant is not visible (row-level security). */
export const companyIn = ([found]: readonly Company[], companyId: string): Company | Rejection =>
  found ?? recordNotFound(company, { id: companyId });

export const companyOf = async (read: ReadContext, companyId: string): Promise<Company | Rejection> =>
  companyIn(await companyQuery(read, companyId).execute(), companyId);

/** A list of a company, or a 404: whether the company is there is asked only where the list is empty. */
export async function listIn<L extends { readonly items: readonly unknown[] }>(
  read: ReadContext,
  companyId: string,
  list: L,
): Promise<L | Rejection> {
  if (list.items.length > 0) return list;
  const company = await companyOf(read, companyId);
  return isRejection(company) ? company : list;
}

export const companyAnswers = [answers(listCompanies, companies), answers(readCompany, companies)].map(answerOf);
