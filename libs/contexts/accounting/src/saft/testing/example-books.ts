/*
 * Fictitious books for the files in `examples/`, the same on every run: a year of a coffee roastery. Amounts are in øre
 * (bigint), debit positive. The registration numbers have an invalid check digit, so no real company has them.
 */
export interface ExampleAccount {
  readonly id: string;
  readonly name: string;
  readonly category: string;
  readonly code: string;
  readonly opening: bigint;
}
export interface ExampleParty {
  readonly id: string;
  readonly name: string;
  readonly city: string;
  readonly control: string;
  readonly opening: bigint;
  readonly currency: string;
}
export interface ExampleLine {
  readonly account: string;
  readonly amount: bigint;
  readonly text?: string;
  readonly customer?: string;
  readonly supplier?: string;
  readonly tax?: { readonly code: string; readonly percent: number; readonly base: bigint; readonly amount: bigint };
  readonly foreign?: { readonly currency: string; readonly amount: bigint; readonly rate: string };
  readonly department?: string;
}
export interface ExampleTransaction {
  readonly journal: string;
  readonly id: string;
  readonly date: string;
  readonly text: string;
  readonly lines: readonly ExampleLine[];
}
export interface ExampleBooks {
  readonly company: { readonly name: string; readonly number: string };
  readonly year: number;
  readonly accounts: readonly ExampleAccount[];
  readonly customers: readonly ExampleParty[];
  readonly suppliers: readonly ExampleParty[];
  readonly taxCodes: readonly {
    readonly code: string;
    readonly name: string;
    readonly percent: number;
    readonly standard: string;
  }[];
  readonly journals: readonly { readonly id: string; readonly name: string; readonly type: string }[];
  readonly transactions: readonly ExampleTransaction[];
}

const kr = (amount: number): bigint => BigInt(amount) * 100n;
const share = (base: bigint, percent: number): bigint => (base * BigInt(percent)) / 100n;

const asset = 'balanseverdiForOmloepsmiddel';
const fixed = 'balanseverdiForAnleggsmiddel';
const debt = 'kortsiktigGjeld';
const cost = 'annenDriftskostnad';
const row = (id: string, name: string, category: string, code: string, opening = 0): ExampleAccount => ({
  id,
  name,
  category,
  code,
  opening: kr(opening),
});

const accounts: readonly ExampleAccount[] = [
  row('1200', 'Brennerimaskiner', fixed, '1205', 840_000),
  row('1250', 'Inventar', fixed, '1205', 126_500),
  row('1400', 'Råkaffe på lager', asset, '1400', 412_300),
  row('1500', 'Kundefordringer', asset, '1500', 218_750),
  row('1700', 'Forskuddsbetalt leie', asset, '1570', 36_000),
  row('1920', 'Bankinnskudd', asset, '1920', 655_180),
  row('1950', 'Skattetrekkskonto', asset, '1950', 48_200),
  row('2000', 'Aksjekapital', 'egenkapital', '2000', -300_000),
  row('2050', 'Annen egenkapital', 'egenkapital', '2050', -1_243_910),
  row('2220', 'Banklån', 'langsiktigGjeld', '2220', -480_000),
  row('2400', 'Leverandørgjeld', debt, '2400', -187_400),
  row('2600', 'Forskuddstrekk', debt, '2600', -48_200),
  row('2700', 'Utgående merverdiavgift, høy sats', debt, '2740'),
  row('2702', 'Utgående merverdiavgift, middels sats', debt, '2740'),
  row('2710', 'Inngående merverdiavgift, høy sats', debt, '2740'),
  row('2712', 'Inngående merverdiavgift, middels sats', debt, '2740'),
  row('2740', 'Oppgjørskonto merverdiavgift', debt, '2740', -77_420),
  row('2770', 'Skyldig arbeidsgiveravgift', debt, '2770'),
  row('3000', 'Salg av utstyr, høy sats', 'salgsinntekt', '3000'),
  row('3010', 'Salg av kaffe, middels sats', 'salgsinntekt', '3000'),
  row('4000', 'Kjøp av råkaffe', 'varekostnad', '4005'),
  row('4060', 'Frakt og toll', 'varekostnad', '4005'),
  row('5000', 'Lønn', 'loennskostnad', '5000'),
  row('5400', 'Arbeidsgiveravgift', 'loennskostnad', '5400'),
  row('6010', 'Avskrivning', cost, '6000'),
  row('6300', 'Leie av lokaler', cost, '6300'),
  row('6340', 'Strøm', cost, '6340'),
  row('7320', 'Reklame', cost, '7330'),
  row('8060', 'Valutagevinst', 'finansinntekt', '8060'),
  row('8150', 'Rentekostnad', 'finanskostnad', '8150'),
];
const party = (id: string, name: string, city: string, control: string, opening: number): ExampleParty => ({
  id,
  name,
  city,
  control,
  opening: kr(opening),
  currency: 'NOK',
});
const customers: readonly ExampleParty[] = [
  party('10001', 'Kafé Fjordgløtt AS', 'Bergen', '1500', 84_200),
  party('10002', 'Brygga Matvarer AS', 'Bergen', '1500', 61_550),
  party('10003', 'Hotell Ulriken AS', 'Bergen', '1500', 73_000),
  party('10004', 'Kontorkaffe Vest AS', 'Stord', '1500', 0),
];
const suppliers: readonly ExampleParty[] = [
  party('20001', 'Råvareimport Nord AS', 'Oslo', '2400', -132_400),
  party('20002', 'Sandviken Eiendom AS', 'Bergen', '2400', 0),
  party('20003', 'Vestkraft Strøm AS', 'Bergen', '2400', -55_000),
  { ...party('20004', 'Hamburger Röstbedarf GmbH', 'Hamburg', '2400', 0), currency: 'EUR' },
];
const taxCodes = [
  { code: '0', name: 'Ingen merverdiavgift', percent: 0, standard: '0' },
  { code: '1', name: 'Inngående merverdiavgift, høy sats', percent: 25, standard: '1' },
  { code: '11', name: 'Inngående merverdiavgift, middels sats', percent: 15, standard: '11' },
  { code: '3', name: 'Utgående merverdiavgift, høy sats', percent: 25, standard: '3' },
  { code: '31', name: 'Utgående merverdiavgift, middels sats', percent: 15, standard: '31' },
];
const journals = [
  { id: 'SALG', name: 'Salg', type: 'SA' },
  { id: 'KJOP', name: 'Kjøp', type: 'PU' },
  { id: 'BANK', name: 'Bank', type: 'BK' },
  { id: 'LONN', name: 'Lønn', type: 'PA' },
  { id: 'DIV', name: 'Diverse', type: 'GL' },
];

/** A year with five transactions a month, and the closing of the year. */
export function exampleBooks(company: ExampleBooks['company'], year = 2025): ExampleBooks {
  const transactions: ExampleTransaction[] = [];
  const add = (journal: string, date: string, text: string, lines: ExampleLine[]) =>
    transactions.push({
      journal,
      id: `${year}-${String(transactions.length + 1).padStart(4, '0')}`,
      date,
      text,
      lines,
    });

  for (let month = 1; month <= 12; month++) {
    const on = (day: number) => `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
    const customer = customers[month % customers.length]!.id;
    const coffee = kr(96_000 + 4_000 * (month % 5));
    const machine = kr(month % 2 === 0 ? 24_000 : 36_000);
    const [coffeeTax, machineTax] = [share(coffee, 15), share(machine, 25)];
    const invoiced = coffee + machine + coffeeTax + machineTax;
    add('SALG', on(6), `Faktura ${year}${String(month).padStart(2, '0')} kaffe og utstyr`, [
      { account: '1500', amount: invoiced, customer },
      { account: '3010', amount: -coffee, tax: { code: '31', percent: 15, base: coffee, amount: -coffeeTax } },
      { account: '3000', amount: -machine, tax: { code: '3', percent: 25, base: machine, amount: -machineTax } },
      { account: '2702', amount: -coffeeTax, text: 'Beregnet mva 15 %' },
      { account: '2700', amount: -machineTax, text: 'Beregnet mva 25 %' },
    ]);
    add('BANK', on(20), `Innbetaling faktura ${year}${String(month).padStart(2, '0')}`, [
      { account: '1920', amount: invoiced },
      { account: '1500', amount: -invoiced, customer },
    ]);

    if (month % 4 === 0) {
      // Green coffee from abroad: no Norwegian VAT on the invoice, paid in euros at another rate.
      const euro = kr(4_000 + 100 * month);
      const [bought, paid] = [(euro * 1165n) / 100n, (euro * 1160n) / 100n];
      const foreign = { currency: 'EUR', amount: euro };
      add('KJOP', on(9), 'Røsteutstyr fra Hamburg', [
        {
          account: '4060',
          amount: bought,
          foreign: { ...foreign, rate: '11.65' },
          tax: { code: '0', percent: 0, base: bought, amount: 0n },
        },
        {
          account: '2400',
          amount: -bought,
          supplier: '20004',
          foreign: { currency: 'EUR', amount: euro, rate: '11.65' },
        },
      ]);
      add('BANK', on(24), 'Betaling Hamburg', [
        { account: '2400', amount: bought, supplier: '20004' },
        { account: '1920', amount: -paid },
        { account: '8060', amount: paid - bought, text: 'Valutagevinst' },
      ]);
    } else {
      const beans = kr(52_000 + 2_000 * (month % 3));
      const tax = share(beans, 15);
      add('KJOP', on(9), `Råkaffe parti ${month}`, [
        {
          account: '4000',
          amount: beans,
          department: '10',
          tax: { code: '11', percent: 15, base: beans, amount: tax },
        },
        { account: '2712', amount: tax, text: 'Fradrag mva 15 %' },
        { account: '2400', amount: -(beans + tax), supplier: '20001' },
      ]);
      add('BANK', on(24), `Betaling råkaffe parti ${month}`, [
        { account: '2400', amount: beans + tax, supplier: '20001' },
        { account: '1920', amount: -(beans + tax) },
      ]);
    }

    const wage = kr(68_000);
    const [withheld, contribution] = [share(wage, 32), share(wage, 14)];
    add('LONN', on(25), `Lønn måned ${month}`, [
      { account: '5000', amount: wage, department: '20' },
      { account: '2600', amount: -withheld, text: 'Forskuddstrekk' },
      { account: '1920', amount: -(wage - withheld), text: 'Netto lønn' },
      { account: '5400', amount: contribution, text: 'Arbeidsgiveravgift' },
      { account: '2770', amount: -contribution, text: 'Arbeidsgiveravgift' },
    ]);
  }

  const bill = (date: string, account: string, supplier: string, text: string, net: bigint) => {
    const tax = share(net, 25);
    add('KJOP', date, text, [
      { account, amount: net, tax: { code: '1', percent: 25, base: net, amount: tax } },
      { account: '2710', amount: tax, text: 'Fradrag mva 25 %' },
      { account: '2400', amount: -(net + tax), supplier },
    ]);
  };
  bill(`${year}-12-28`, '6300', '20002', 'Leie brenneri, året', kr(288_000));
  bill(`${year}-12-29`, '6340', '20003', 'Strøm, året', kr(96_400));
  bill(`${year}-12-30`, '7320', '20003', 'Julekampanje', kr(18_000));
  add('DIV', `${year}-12-31`, 'Avskrivning', [
    { account: '6010', amount: kr(96_000) },
    { account: '1200', amount: -kr(84_000) },
    { account: '1250', amount: -kr(12_000) },
  ]);
  add('DIV', `${year}-12-31`, 'Renter på banklån', [
    { account: '8150', amount: kr(26_400) },
    { account: '1920', amount: -kr(26_400) },
  ]);
  return { company, year, accounts, customers, suppliers, taxCodes, journals, transactions };
}
