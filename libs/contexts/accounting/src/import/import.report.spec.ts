import { maxAppendBytes } from '@daybook/event-store';
import { account, balanced, line, tinyFile, transaction, twoAccounts } from '../saft/testing/tiny-file.js';
import { entryStaged } from './import.events.js';
import { Desk, id } from './testing/import-desk.js';

/* The job alone, over an event store in memory: what it appends, also when it is interrupted. */
const many = (count: number) =>
  Array.from({ length: count }, (_, n) => transaction(String(n + 1), balanced(`${n + 1}.00`)));

describe('a report', () => {
  it('asks for the class of an account that the file does not state', async () => {
    const desk = new Desk();
    await desk.begin(id(1), tinyFile({ accounts: twoAccounts + account('9999', { mapping: '' }) }));
    await desk.run(id(1));
    const report = await desk.report(id(1));
    expect(report.findings).toMatchObject([{ kind: 'decide', code: 'saft.account-unclassified', account: '9999' }]);
    expect(report.accounts.at(-1)).toMatchObject({ number: '9999', class: null });
  });

  it('uses the dates of the transactions when the header states none', async () => {
    const desk = new Desk();
    const transactions =
      transaction('1', balanced(), { date: '2025-02-03', period: '2' }) + transaction('2', balanced());
    const accounts =
      account('1920', { opening: '<OpeningDebitBalance>5</OpeningDebitBalance>' }) +
      account('3000', { opening: '<OpeningCreditBalance>5</OpeningCreditBalance>' });
    await desk.begin(id(1), tinyFile({ selection: '', transactions, accounts }));
    await desk.run(id(1));
    expect((await desk.report(id(1))).findings).toMatchObject([{ kind: 'warning', code: 'saft.selection-missing' }]);
    expect((await desk.stands(id(1)))[1]!.data).toMatchObject({ kind: 'opening', date: '2025-02-03' });
  });

  it.each([
    ['Debit', 'Debit'],
    ['Debit', 'Credit'],
    ['Credit', 'Credit'],
  ])('refuses openings that sum to more than an amount may be: %s and %s', async (first, second) => {
    const desk = new Desk();
    const most = (side: string) => `<Opening${side}Balance>9999999999999999.99</Opening${side}Balance>`;
    const accounts = ['1920', '1921', '1922', '3000']
      .map((number, n) => account(number, { opening: most(n % 2 === 0 ? first : second) }))
      .join('');
    await desk.begin(id(1), tinyFile({ accounts }));
    await desk.run(id(1));
    const report = await desk.report(id(1));
    expect(report.findings[0]).toMatchObject({ kind: 'error', code: 'saft.amount-does-not-fit' });
    expect(report.findings[0]!.message).toBe('The sum of the openings is larger than an amount may be.');
    expect((await desk.stands(id(1))).map(({ type }) => type)).not.toContain(entryStaged.name);
  });
  it('accepts openings as large as an amount may be', async () => {
    const desk = new Desk();
    const most = (side: string) => `<Opening${side}Balance>9999999999999999.99</Opening${side}Balance>`;
    const accounts = account('1920', { opening: most('Debit') }) + account('3000', { opening: most('Credit') });
    await desk.begin(id(1), tinyFile({ accounts }));
    await desk.run(id(1));
    expect((await desk.report(id(1))).findingCounts.error).toBe(0);
  });

  it('stages nothing after the first error', async () => {
    const desk = new Desk();
    const broken = line('1920', 'Debit', '1') + line('3000', 'Credit', '2');
    await desk.begin(id(1), tinyFile({ transactions: transaction('1', balanced()) + transaction('2', broken) + transaction('3', balanced()) })); // prettier-ignore
    await desk.run(id(1));
    const events = await desk.stands(id(1));
    expect(events.map((e) => e.type)).toEqual(['accounting.import-started', 'accounting.entry-staged', 'accounting.import-checked']); // prettier-ignore
    expect((await desk.report(id(1))).findingCounts).toMatchObject({ error: 1 });
  });

  it('accepts transactions of thousands of lines, and refuses those too large for an event', async () => {
    const desk = new Desk();
    const long = (pairs: number) => Array.from({ length: pairs }, () => balanced('1.00')).join('');
    const fits = transaction('2', long(2_500));
    await desk.begin(
      id(1),
      tinyFile({ transactions: transaction('1', balanced()) + fits + transaction('3', balanced()) }),
    );
    await desk.run(id(1));
    expect(await desk.report(id(1))).toMatchObject({ findings: [], staged: { count: 3, lines: 5_004 } });
    await desk.begin(id(2), tinyFile({ transactions: transaction('1', long(10_000)) }));
    await desk.run(id(2));
    expect((await desk.report(id(2))).findings).toMatchObject([{ code: 'saft.transaction-too-large', line: 8 }]);
  });

  it('refuses the file when it is too large for the log, and the job is not retried', async () => {
    const desk = new Desk();
    const chart = Array.from({ length: 3_000 }, (_, n) => account(String(10_000 + n))).join('');
    desk.store.limit = 500_000;
    await desk.begin(id(1), tinyFile({ accounts: twoAccounts + chart }));
    await desk.run(id(1));
    expect((await desk.stands(id(1))).at(-1)).toMatchObject({
      type: 'accounting.import-refused',
      data: { findings: [{ code: 'saft.too-large' }] },
    });
  });

  it('has room for findings about texts of any length', async () => {
    const desk = new Desk();
    const long = '\u65e5'.repeat(90_000);
    const dated = Array.from({ length: 20 }, (_, n) => transaction(`${n}${long}`, balanced(), { date: long }));
    const accounts = Array.from({ length: 500 }, () => account(`x${'\u65e5'.repeat(400)}`)).join('');
    await desk.begin(id(1), tinyFile({ transactions: dated.join(''), accounts: twoAccounts + accounts }));
    await desk.run(id(1));
    const { findings, findingCounts } = await desk.report(id(1));
    expect([findings.length, findingCounts.error]).toEqual([500, 540]);
    expect(Buffer.byteLength(JSON.stringify(findings))).toBeLessThan(maxAppendBytes);
    await desk.begin(id(2), tinyFile({ accounts: twoAccounts + accounts }).slice(0, -30));
    await desk.run(id(2));
    expect((await desk.stands(id(2))).at(-1)).toMatchObject({ type: 'accounting.import-refused' });
  });

  it('is refused with only its size as a finding when the findings are too many for the log', async () => {
    const desk = new Desk();
    const broken = Array.from({ length: 400 }, (_, n) => transaction(String(n), balanced(), { date: 'x' })).join('');
    desk.store.limit = 50_000;
    for (const [n, xml] of [
      tinyFile({ transactions: broken }),
      tinyFile({ transactions: broken }).slice(0, -30),
    ].entries()) {
      await desk.begin(id(n), xml);
      await desk.run(id(n));
      const { type, data } = (await desk.stands(id(n))).at(-1)!;
      expect(type).toBe('accounting.import-refused');
      expect(data['findings']).toMatchObject([{ code: 'saft.too-large' }]);
    }
  });

  it('refuses the file when its TransactionID is too long for an entry, and does not go on reading for ever', async () => {
    const desk = new Desk();
    const transactions = transaction('A'.repeat(101), balanced()) + transaction('B'.repeat(100), balanced());
    await desk.begin(id(1), tinyFile({ transactions: transactions.replaceAll('<Description>Text</Description>', '') }));
    await desk.run(id(1));
    const { findings } = await desk.report(id(1));
    expect(findings).toMatchObject([{ kind: 'error', code: 'saft.transaction-id-too-long', line: 8 }]);
    expect(findings[0]!.transaction).toBe(`${'A'.repeat(99)}…`);
  });

  it.each([
    ['fails', 'platform.job-failed', 'killed', 'The file could not be read in 3 attempts. Ask the operator'],
    [
      'dies with its process',
      'platform.job-crashed',
      'died',
      'The file could not be read in 3 attempts. Ask the operator',
    ],
    [
      'takes too long',
      'platform.job-timed-out',
      'It took longer than 5 s.',
      'It took longer than 5 s. It was stopped in 3',
    ],
    ['finds no file', 'accounting.file-not-found', 'The file has been deleted.', 'The file has been deleted.'],
  ])('is refused with a reason when the last attempt %s, not before', async (_, code, message, words) => {
    const desk = new Desk();
    await desk.begin(id(1), tinyFile());
    desk.store.counting({ at: 0, when: 'before' });
    await expect(desk.run(id(1))).rejects.toThrow('killed');
    expect(await desk.stands(id(1))).toHaveLength(1);
    for (const _again of [1, 2]) await desk.giveUp(id(1), code, message);
    const ended = (await desk.stands(id(1))).slice(1);
    expect(ended).toMatchObject([
      {
        type: 'accounting.import-refused',
        data: { findings: [{ kind: 'error', code: 'saft.not-read', message: expect.stringContaining(words) }] },
      },
    ]);
  });

  it('is left as it is when an attempt that was given up had ended it', async () => {
    const desk = new Desk();
    await desk.begin(id(1), tinyFile());
    await desk.run(id(1));
    const before = await desk.stands(id(1));
    await desk.giveUp(id(1), 'platform.job-crashed', 'died');
    expect(await desk.stands(id(1))).toEqual(before);
  });

  it('is not refused when the last attempt is stopped', async () => {
    const desk = new Desk();
    await desk.begin(id(1), tinyFile());
    await expect(desk.run(id(1), AbortSignal.abort(new Error('stop')))).rejects.toThrow('stop');
    expect(await desk.stands(id(1))).toHaveLength(1);
  });

  it('leaves out of names what is not seen or turns the direction of a text, and says where', async () => {
    const desk = new Desk();
    const hidden = tinyFile()
      .replace('version="1.0"', 'version="1.1"')
      .replace('Tiny AS', 'Tiny \u202eSA')
      .replace('>900000001<', '>900\u200b000001<')
      .replace('Account 1920', 'Bank&#x1b;[31m\n  account')
      .replace('Account 3000', '\u2066')
      .replace('General<', 'Gen\u00aderal<');
    await desk.begin(id(1), hidden);
    await desk.run(id(1));
    const { company, accounts, journals, findings, findingCounts } = await desk.report(id(1));
    expect(company).toMatchObject({ name: 'Tiny SA', registrationNumber: '900 000001' });
    expect(accounts.map(({ name }) => name)).toEqual(['Bank [31m account', '3000']);
    expect(journals.map(({ name }) => name)).toEqual(['Gen eral']);
    expect(findingCounts).toMatchObject({ error: 0, warning: 5 });
    expect(findings.map(({ code, line, account, message }) => [code, line, account, message.split(':')[0]])).toEqual([
      ['saft.name-cleaned', 3, undefined, 'Name of the company is imported without the character U+202E'],
      ['saft.name-cleaned', 3, undefined, 'RegistrationNumber is imported without the character U+200B'],
      ['saft.name-cleaned', 5, '1920', 'AccountDescription of 1920 is imported without the character U+001B'],
      ['saft.name-cleaned', 6, '3000', 'AccountDescription of 3000 is imported without the character U+2066'],
      ['saft.name-cleaned', 8, undefined, 'Description of journal GL is imported without the character U+00AD'],
    ]);
  });

  it('quotes the file in findings without what is not seen', async () => {
    const desk = new Desk();
    await desk.begin(id(1), tinyFile({ accounts: account('19\u202e20') + account('3000') }));
    await desk.run(id(1));
    const { message } = (await desk.report(id(1))).findings[0]!;
    expect(message).toContain('"19 20"');
  });

  it('refuses a truncated file', async () => {
    const desk = new Desk();
    await desk.begin(id(1), tinyFile({ transactions: many(300).join('\n') }).slice(0, -30));
    await desk.run(id(1));
    const last = (await desk.stands(id(1))).at(-1)!;
    expect(last).toMatchObject({
      type: 'accounting.import-refused',
      data: { findings: [{ code: 'saft.malformed-xml' }] },
    });
  });
});
