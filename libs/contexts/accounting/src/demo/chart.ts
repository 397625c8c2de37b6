import type { AccountClass } from '../ledger/entry.schema.js';

/* The chart, journals and business partners of the demo company. Fictitious; the numbers follow the Norwegian NS 4102. */

export const demoCompany = {
  name: 'Nordlys Kaffe AS',
  registrationNumber: '999888777',
  currency: 'NOK',
  zone: 'Europe/Oslo',
  fiscalYearStart: 1,
} as const;

export const demoJournals = [
  { code: 'OB', name: 'Opening balances' },
  { code: 'SA', name: 'Sales' },
  { code: 'PU', name: 'Purchases' },
  { code: 'BK', name: 'Bank' },
  { code: 'GL', name: 'General ledger' },
] as const;

type Row = readonly [number: string, name: string, class_: AccountClass];
export const demoAccounts: readonly Row[] = [
  ['1200', 'Roasting machinery', 'asset'],
  ['1230', 'Delivery vans', 'asset'],
  ['1250', 'Fixtures and fittings', 'asset'],
  ['1400', 'Green coffee, inventory', 'asset'],
  ['1460', 'Packaged goods, inventory', 'asset'],
  ['1500', 'Trade receivables', 'asset'],
  ['1700', 'Prepaid expenses', 'asset'],
  ['1920', 'Bank, operating account', 'asset'],
  ['1950', 'Bank, withheld tax', 'asset'],
  ['2000', 'Share capital', 'equity'],
  ['2050', 'Other equity', 'equity'],
  ['2220', 'Bank loan', 'liability'],
  ['2400', 'Trade payables', 'liability'],
  ['2600', 'Withheld tax', 'liability'],
  ['2700', 'Output VAT 25 %', 'liability'],
  ['2702', 'Output VAT 15 %', 'liability'],
  ['2710', 'Input VAT 25 %', 'liability'],
  ['2740', 'VAT settlement', 'liability'],
  ['2770', 'Employer contribution due', 'liability'],
  ['2930', 'Wages due', 'liability'],
  ['2940', 'Holiday pay due', 'liability'],
  ['3000', 'Sales, equipment 25 %', 'income'],
  ['3010', 'Sales, coffee 15 %', 'income'],
  ['3100', 'Sales, export', 'income'],
  ['4000', 'Green coffee purchased', 'expense'],
  ['4060', 'Freight and customs', 'expense'],
  ['4090', 'Packaging', 'expense'],
  ['4190', 'Change in inventory', 'expense'],
  ['5000', 'Wages', 'expense'],
  ['5180', 'Holiday pay', 'expense'],
  ['5400', 'Employer contribution', 'expense'],
  ['6010', 'Depreciation', 'expense'],
  ['6300', 'Rent', 'expense'],
  ['6340', 'Electricity', 'expense'],
  ['6540', 'Small equipment', 'expense'],
  ['6700', 'Audit and accounting fees', 'expense'],
  ['6810', 'Software', 'expense'],
  ['6900', 'Telephone and data', 'expense'],
  ['7140', 'Travel', 'expense'],
  ['7320', 'Advertising', 'expense'],
  ['7500', 'Insurance', 'expense'],
  ['7770', 'Bank charges', 'expense'],
  ['8060', 'Currency gains', 'income'],
  ['8150', 'Interest expense', 'expense'],
  ['8160', 'Currency losses', 'expense'],
];

/** Balances brought forward on the first day, debit positive; they sum to zero. */
export const demoOpenings: readonly (readonly [account: string, amount: string])[] = [
  ['1200', '1840000.00'],
  ['1230', '312000.00'],
  ['1250', '186500.00'],
  ['1400', '1126400.00'],
  ['1460', '438250.00'],
  ['1500', '962318.50'],
  ['1700', '84000.00'],
  ['1920', '1387204.15'],
  ['1950', '168420.00'],
  ['2000', '-300000.00'],
  ['2050', '-3108956.40'],
  ['2220', '-1450000.00'],
  ['2400', '-714906.25'],
  ['2600', '-168420.00'],
  ['2740', '-241870.00'],
  ['2770', '-118640.00'],
  ['2940', '-402300.00'],
];

export const demoCustomers = [
  'Lunsjkompaniet AS',
  'Studenthuset Drift',
  'Hotell Solvang AS',
  'Kaffestova Majorstuen',
  'Brygga Bakeri AS',
  'Fjellheim Konferanse',
  'Nabolaget Bistro AS',
] as const;
export const demoExportCustomers = ['Kaffehaus Ahlers GmbH', 'Rosteriet Vasastan AB'] as const;

/** Bills that come every month: day, supplier, account, description, lowest and highest net amount in whole kroner. */
export const demoBills: readonly (readonly [number, string, string, string, number, number])[] = [
  [1, 'Havnegata Eiendom AS', '6300', 'Rent, roastery and shop', 75_000, 75_000],
  [6, 'Fjordfrakt AS', '4060', 'Freight and customs clearance', 24_000, 46_000],
  [12, 'Tall & Balanse AS', '6700', 'Accounting support, monthly', 14_500, 14_500],
  [14, 'Emballasje Øst AS', '4090', 'Bags and labels', 31_000, 48_000],
  [18, 'Lysvik Kraft AS', '6340', 'Electricity, roastery', 15_000, 29_000],
  [20, 'Skyverk Programvare AS', '6810', 'Software, monthly', 12_480, 12_480],
  [24, 'Nordnett Telekom AS', '6900', 'Telephone and data', 3_900, 4_800],
];
/** Bills that come once: date, supplier, account, description, net amount. */
export const demoSpecialBills: readonly (readonly [string, string, string, string, string])[] = [
  ['2025-11-19', 'Reklamebyrået Skilt AS', '7320', 'Christmas campaign', '46500.00'],
  ['2026-01-15', 'Fjord Revisjon AS', '6700', 'Interim audit 2025', '24000.00'],
  ['2026-02-10', 'Reisebyrået Kompass AS', '7140', 'Coffee fair, Copenhagen', '8436.00'],
  ['2026-04-28', 'Fjord Revisjon AS', '6700', 'Statutory audit 2025, final', '38750.00'],
  ['2026-05-21', 'Reklamebyrået Skilt AS', '7320', 'Summer campaign', '60900.00'],
  ['2026-08-27', 'Reisebyrået Kompass AS', '7140', 'Visit to suppliers, Hamburg', '19620.00'],
  ['2026-09-16', 'Storkjøkken Sør AS', '6540', 'Grinders for the shop', '18900.00'],
];
