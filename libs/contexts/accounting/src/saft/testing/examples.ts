import { exampleBooks } from './example-books.js';
import { writeSaft } from './write-saft.js';

/** The files in `examples/`, by name. The spec checks that they are what is written here. */
export const examples: Readonly<Record<string, () => string>> = {
  'nordlys-kaffe_saf-t_1.30.xml': () =>
    writeSaft(exampleBooks({ name: 'Nordlys Kaffe Bergen AS', number: '900000001' })),
  'contradictions_saf-t_1.30.xml': () =>
    writeSaft(exampleBooks({ name: 'Solvik Kaffe AS', number: '900000011' }), {
      openings: { '1400': 1_250_000n, '1500': -500_000n, '2050': 500_000n },
      closings: { '1920': 43_416n, '2740': -50n },
      duplicateTaxCode: '31',
      supplierCurrency: 'NOR',
      customerBankLedgerAccount: '1951',
      numberOfEntries: 63,
    }),
};
