import { plainDate, query, stamp, total } from '@daybook/kernel';
import * as z from 'zod';
import { accountClass, accountNumber, companyId } from '../ledger/entry.schema.js';

/** Account number of the computed line "Results of earlier years, not yet allocated". */
export const unallocatedResults = 'results';
export const unallocatedResultsName = 'Results of earlier years, not yet allocated';

export const trialBalanceRow = z
  .object({
    account: accountNumber,
    name: z.string(),
    class: accountClass,
    opening: total,
    debit: total,
    credit: total,
    closing: total,
  })
  .meta({ id: 'TrialBalanceRow' });
const totals = z
  .object({ opening: total, debit: total, credit: total, closing: total })
  .meta({ id: 'TrialBalanceTotals' });

/**
 * Opening + movement = closing per account, debit positive. Opening entries count in the opening, not as movement. Income
 * and expense start at zero each fiscal year; the results of earlier years are one computed line of equity.
 */
export const readTrialBalance = query('accounting.trial-balance.read', {
  title: 'Read the trial balance',
  http: 'GET /v1/accounting/companies/{companyId}/trial-balance',
  delegated: true,
  permission: 'accounting.trial-balance.read',
  input: z.object({ companyId, from: plainDate, to: plainDate }),
  output: z
    .object({
      company: z.object({ id: z.uuid(), name: z.string(), currency: z.string() }),
      from: plainDate,
      to: plainDate,
      rows: z.array(trialBalanceRow),
      totals,
      notices: z
        .array(
          z
            .object({ code: z.string(), message: z.string(), account: accountNumber, amount: total })
            .meta({ id: 'ReportNotice' }),
        )
        .describe('Notices: an opening difference of an import that is not cleared'),
      stamp,
    })
    .meta({ id: 'TrialBalance' }),
  rows: 'rows',
});
