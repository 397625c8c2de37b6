import { createHash } from 'node:crypto';
import { RejectionError } from '@daybook/kernel';
import { canonicalJson } from '@daybook/server/crypto';
import { stagedStream } from '../ledger/ledger.decision-facts.js';
import { examples } from '../saft/testing/examples.js';
import { account, balanced, tinyFile, transaction } from '../saft/testing/tiny-file.js';
import { Desk, id, tenant } from './testing/import-desk.js';

/* The job alone, over an event store in memory: what it appends, also when it is interrupted. */
const many = (count: number) =>
  Array.from({ length: count }, (_, n) => transaction(String(n + 1), balanced(`${n + 1}.00`)));

describe('reading a file', () => {
  it('stages the opening, then each transaction, with deterministic ids and numbers', async () => {
    const desk = new Desk();
    await desk.begin(id(1), examples['nordlys-kaffe_saf-t_1.30.xml']!());
    await desk.run(id(1));
    const events = await desk.stands(id(1));
    expect(events).toHaveLength(1 + 66 + 1);
    const staged = events.slice(1, -1).map((e) => e.data);
    expect(staged.map((e) => e['index'])).toEqual(staged.map((_, n) => n));
    expect(staged[0]).toMatchObject({
      kind: 'opening',
      journal: 'OB',
      period: 0,
      date: '2025-01-01',
      fiscalYear: 2025,
      identity: null,
    });
    expect(staged[1]).toMatchObject({
      kind: 'normal',
      journal: 'SALG',
      numberOffset: 0,
      voucher: '2025-0001',
      identity: { year: 2025, journal: 'SALG', transactionId: '2025-0001' },
    });
    const report = await desk.report(id(1));
    expect(report.blocks).toEqual([
      { journal: 'OB', fiscalYear: 2025, count: 1 },
      { journal: 'SALG', fiscalYear: 2025, count: 12 },
      { journal: 'KJOP', fiscalYear: 2025, count: 15 },
      { journal: 'BANK', fiscalYear: 2025, count: 24 },
      { journal: 'LONN', fiscalYear: 2025, count: 12 },
      { journal: 'DIV', fiscalYear: 2025, count: 2 },
    ]); // prettier-ignore
    expect(report.staged).toMatchObject({ count: 66, opening: { debit: expect.any(String) } });
    expect(report.staged.debit).toBe(report.staged.credit);
    const hash = createHash('sha256');
    for (const { seconds: _, ...data } of staged) hash.update(canonicalJson(data)).update('\n');
    expect(report.staged.hash).toBe(hash.digest('hex'));
  });

  it('gives the same result wherever it is killed and restarted', async () => {
    const xml = tinyFile({
      accounts: account('1920', { opening: '<OpeningDebitBalance>5</OpeningDebitBalance>' }) + account('3000', { opening: '<OpeningCreditBalance>5</OpeningCreditBalance>', mapping: '<StandardAccountID>30</StandardAccountID>' }),
      transactions: many(210).join('\n'),
    }); // prettier-ignore
    const whole = new Desk();
    await whole.begin(id(1), xml);
    await whole.run(id(1));
    const expected = await whole.stands(id(1));
    expect(expected).toHaveLength(1 + 211 + 1);
    expect(whole.store.appends).toBeGreaterThan(2);

    for (let at = 0; at < whole.store.appends - 1; at++) {
      for (const when of ['before', 'after'] as const) {
        const desk = new Desk();
        await desk.begin(id(1), xml);
        desk.store.counting({ at, when });
        await expect(desk.run(id(1))).rejects.toThrow('killed');
        desk.store.counting(null);
        await desk.run(id(1));
        expect(await desk.stands(id(1))).toEqual(expected);
        // And a third time, as if the queue did not record the end.
        await desk.run(id(1));
        expect(await desk.stands(id(1))).toEqual(expected);
      }
    }
  });

  it('is not affected by entries posted between two attempts', async () => {
    const xml = tinyFile({ transactions: many(500).join('\n') });
    const desk = new Desk();
    await desk.begin(id(1), xml);
    await desk.begin(id(2), xml);
    desk.store.counting({ at: 1, when: 'after' });
    await expect(desk.run(id(1))).rejects.toThrow('killed');
    desk.store.counting(null);
    await desk.run(id(2));
    await desk.post(id(2));
    await desk.run(id(1));
    const report = await desk.report(id(1));
    // Both were checked against empty books; the ledger refuses the second one, whose basis is outdated.
    expect(report.counts.entries).toEqual({ total: 500, added: 500, known: 0 });
    expect(report.basis).toEqual([]);
  });

  it('stops at once when cancelled, and appends nothing more', async () => {
    const desk = new Desk();
    await desk.begin(id(1), tinyFile({ transactions: many(500).join('\n') }));
    const controller = new AbortController();
    controller.abort(new Error('stop'));
    await expect(desk.run(id(1), controller.signal)).rejects.toThrow('stop');
    expect(await desk.stands(id(1))).toHaveLength(1);
  });

  it('fails without a retry when its file is gone or the import does not exist', async () => {
    const desk = new Desk();
    await expect(desk.run(id(9))).rejects.toThrow(RejectionError);
  });

  it('fails when an earlier attempt read the file differently', async () => {
    const desk = new Desk();
    await desk.begin(id(1), tinyFile({ transactions: many(500).join('\n') }));
    desk.store.counting({ at: 1, when: 'after' });
    await expect(desk.run(id(1))).rejects.toThrow('killed');
    desk.store.counting(null);
    const staged = desk.store.all.find((e) => e.stream === stagedStream(tenant, id(1)) && e.revision === 3)!;
    (staged.data as { description: string }).description = 'changed';
    await expect(desk.run(id(1))).rejects.toThrow('read this file differently');
  });
});

describe('books that are not empty', () => {
  const opening = (debit: string, credit: string) => ({
    accounts:
      account('1920', { opening: `<OpeningDebitBalance>${debit}</OpeningDebitBalance>` }) +
      account('2050', {
        opening: `<OpeningCreditBalance>${credit}</OpeningCreditBalance>`,
        mapping: '<StandardAccountID>20</StandardAccountID>',
      }) +
      account('3000', { mapping: '<StandardAccountID>30</StandardAccountID>' }),
  });
  const selection = (from: string, to: string) =>
    `<SelectionCriteria><SelectionStartDate>${from}</SelectionStartDate><SelectionEndDate>${to}</SelectionEndDate></SelectionCriteria>`;
  const begunBooks = async () => {
    const desk = new Desk();
    const first = tinyFile({ ...opening('1000', '1000'), selection: selection('2025-01-01', '2025-03-31') });
    await desk.begin(id(1), first);
    await desk.run(id(1));
    await desk.post(id(1));
    return { desk, first };
  };

  it('get no second opening; the openings of a later file are compared with them', async () => {
    const { desk } = await begunBooks();
    const april = {
      selection: selection('2025-04-01', '2025-04-30'),
      transactions: transaction('2', balanced('7'), { date: '2025-04-02', period: '4' }),
    };
    const accountsAfterMarch = (bank: string) =>
      opening(bank, '1000').accounts.replace(
        '<AccountID>3000</AccountID><AccountDescription>Account 3000</AccountDescription><StandardAccountID>30</StandardAccountID><AccountType>GL</AccountType><OpeningDebitBalance>0</OpeningDebitBalance>',
        '<AccountID>3000</AccountID><AccountDescription>Account 3000</AccountDescription><StandardAccountID>30</StandardAccountID><AccountType>GL</AccountType><OpeningCreditBalance>100</OpeningCreditBalance>',
      );
    await desk.begin(id(2), tinyFile({ ...april, accounts: accountsAfterMarch('1100') }));
    await desk.run(id(2));
    const report = await desk.report(id(2));
    expect(report).toMatchObject({ company: null, findings: [], openingDifference: '0.00', basis: [id(1)] });
    expect(report.staged).toMatchObject({ count: 1, opening: null });
    expect(report.accountsUsed).toEqual(['1920', '3000']);
    expect(report.balance.map((r) => [r.account, r.opening, r.debit, r.credit, r.closing])).toEqual([
      ['1920', '1100.00', '7.00', '0.00', '1107.00'],
      ['2050', '-1000.00', '0.00', '0.00', '-1000.00'],
      ['3000', '-100.00', '0.00', '7.00', '-107.00'],
    ]);

    await desk.begin(id(3), tinyFile({ ...april, accounts: accountsAfterMarch('1099') }));
    await desk.run(id(3));
    expect((await desk.report(id(3))).findings.map((f) => [f.kind, f.code, f.account ?? null])).toEqual([
      ['contradiction', 'saft.opening-difference', null],
      ['contradiction', 'saft.opening-not-as-booked', '1920'],
    ]);
  });

  it('recognize transactions that were imported before, and changed ones', async () => {
    const { desk, first } = await begunBooks();
    await desk.begin(id(2), first);
    await desk.run(id(2));
    const again = await desk.report(id(2));
    expect(again).toMatchObject({
      findings: [],
      staged: { count: 0, lines: 0 },
      accounts: [],
      journals: [],
      blocks: [],
    });
    expect(again.counts).toMatchObject({
      entries: { total: 1, added: 0, known: 1 },
      lines: { total: 2, added: 0, known: 2 },
    });

    // Content is the same wherever it is in the file.
    await desk.begin(id(3), first.replace('<Journal>', '\n\n\n<Journal>'));
    await desk.run(id(3));
    expect((await desk.report(id(3))).counts.entries.known).toBe(1);

    await desk.begin(id(4), first.replaceAll('>100.00<', '>100.01<'));
    await desk.run(id(4));
    expect((await desk.report(id(4))).findings).toMatchObject([
      { kind: 'error', code: 'saft.content-changed', transaction: '1', line: 8 },
    ]);
  });

  it('have the results of earlier years on one line, as in the trial balance', async () => {
    const { desk } = await begunBooks();
    const next = tinyFile({
      ...opening('1100', '1100'),
      selection: selection('2026-01-01', '2026-01-31'),
      transactions: transaction('1', balanced('5'), { date: '2026-01-02', period: '1', year: '2026' }),
    });
    await desk.begin(id(2), next);
    await desk.run(id(2));
    const report = await desk.report(id(2));
    expect(report.balance.map((r) => [r.account, r.opening, r.closing])).toEqual([
      ['1920', '1100.00', '1105.00'],
      ['2050', '-1000.00', '-1000.00'],
      ['3000', '0.00', '-5.00'],
      ['results', '-100.00', '-100.00'],
    ]);
  });
});
