import type { AccountClass } from '../ledger/entry.schema.js';
import type { AccountRecord } from './records.js';

/*
 * The class of an account, from the standard account (1.10, 1.20) or the grouping (1.20, 1.30) that the file maps it to.
 * Sources: "General Ledger Standard Accounts" (2 and 4 characters) and "Grouping Category Code" of the Norwegian Tax
 * Administration (Skatteetaten/saf-t). null: the file does not state it, so the caller must.
 */

/** The numbering of NS 4102, which both lists of standard accounts and the forms' post codes follow. */
function byStandardNumber(number: string): AccountClass | null {
  if (!/^\d{2}(\d{2})?$/.test(number)) return null;
  switch (number[0]) {
    case '1':
      return 'asset';
    case '2':
      return number[1] === '0' ? 'equity' : 'liability';
    case '3':
      return 'income';
    case '4':
    case '5':
    case '6':
    case '7':
      return 'expense';
    case '8':
      // 80 financial and 84 extraordinary income; 81 financial and 85 extraordinary expense; 83 and 86 taxes. 88 and 89
      // transfer the year's result to equity; as expenses they bring the result to zero, which is their purpose.
      return number[1] === '0' || number[1] === '4' ? 'income' : 'expense';
    default:
      return null;
  }
}

const byCategory: ReadonlyMap<string, AccountClass> = new Map<string, AccountClass>([
  ['balanseverdiforanleggsmiddel', 'asset'],
  ['balanseverdiforomloepsmiddel', 'asset'],
  ['egenkapital', 'equity'],
  ['langsiktiggjeld', 'liability'],
  ['kortsiktiggjeld', 'liability'],
  ['salgsinntekt', 'income'],
  ['annendriftsinntekt', 'income'],
  ['finansinntekt', 'income'],
  ['bankogforsikringsinntekt', 'income'],
  ['varekostnad', 'expense'],
  ['loennskostnad', 'expense'],
  ['annendriftskostnad', 'expense'],
  ['finanskostnad', 'expense'],
  ['skattekostnad', 'expense'],
  ['bankogforsikringskostnad', 'expense'],
  ['resultatdisponeringforsaf-t', 'expense'],
]);

/** Tax forms before 2024 (RF-1167, RF-1175 and others): the category is the form, the code a standard account number. */
const taxForm = /^RF-\d{4}$/;

export function classOf(account: AccountRecord): AccountClass | null {
  const standard = account.standardId === null ? null : byStandardNumber(account.standardId);
  if (standard !== null || account.groupingCategory === null) return standard;
  const category = byCategory.get(account.groupingCategory.toLowerCase());
  if (category) return category;
  return taxForm.test(account.groupingCategory) ? byStandardNumber(account.groupingCode ?? '') : null;
}
