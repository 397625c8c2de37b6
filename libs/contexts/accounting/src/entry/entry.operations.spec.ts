import { postEntry, reverseEntry } from './entry.operations.js';

const line = (side: 'debit' | 'credit', amount: string) => ({ account: '1920', side, amount });
const { approvable } = postEntry;
const amountOf = (...lines: object[]) => approvable?.amount?.({ lines });

describe('the amount that an approval rule compares', () => {
  it('is the sum of the debit side', () => {
    expect(amountOf(line('debit', '60.50'), line('debit', '40'), line('credit', '100.50'))).toBe('100.50');
  });
  it('is not reduced by negative lines, on either side', () => {
    expect(amountOf(line('debit', '1000000'), line('debit', '-999990'), line('credit', '10'))).toBe('1999990');
    expect(amountOf(line('debit', '10'), line('credit', '1000000'), line('credit', '-999990'))).toBe('1999990');
  });
});

describe('the summary of an entry for an approver', () => {
  const plain = (text: string | undefined) => text?.replaceAll(/\s/g, ' ');
  it('has amount and date, and no personal data', () => {
    const input = { description: 'Salary of Kari', date: '2026-03-31', lines: [line('debit', '122500.00'), line('credit', '122500.00')] }; // prettier-ignore
    expect(plain(approvable?.summary(input))).toBe('Entry of 122 500,00 on 31 March 2026');
    expect(plain(reverseEntry.approvable?.summary({ date: '2026-03-31' }))).toBe(
      'Reversal of an entry on 31 March 2026',
    );
    expect(reverseEntry.approvable?.summary({})).toBe('Reversal of an entry');
  });
});
