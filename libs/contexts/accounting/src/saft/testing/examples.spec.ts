import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { validateXML } from 'xmllint-wasm';
import { findingsIn } from './check-file.js';
import { examples } from './examples.js';
import { externalData } from './external-data.js';

const inExamples = (name: string) => resolve('examples', name);

describe('the files in examples/', () => {
  it.each(Object.keys(examples))('%s is up to date with the books that it is written from', (name) => {
    const made = examples[name]!();
    // UPDATE_EXAMPLES=1 npm run test:node -- libs/contexts/accounting/src/saft/testing
    if (process.env['UPDATE_EXAMPLES']) writeFileSync(inExamples(name), made);
    expect(readFileSync(inExamples(name), 'utf8')).toBe(made);
  });

  (externalData('saft-no') ? it.each : it.skip.each)(Object.keys(examples))(
    '%s is valid against the 1.30 schema',
    async (name) => {
      const schema = readFileSync(
        resolve(externalData('saft-no')!, 'Norwegian_SAF-T_Financial_Schema_v_1.30.xsd'),
        'utf8',
      );
      const answer = await validateXML({ xml: { fileName: name, contents: examples[name]!() }, schema });
      expect(answer.errors).toEqual([]);
      expect(answer.valid).toBe(true);
    },
  );

  it('import without a finding if valid', async () => {
    const { findings, validator } = await findingsIn(examples['nordlys-kaffe_saf-t_1.30.xml']!());
    expect(findings.list()).toEqual([]);
    expect(validator.counts).toEqual({
      accounts: 30,
      customers: 4,
      suppliers: 4,
      taxCodes: 5,
      transactions: 65,
      lines: validator.counts.lines,
    });
  });

  it('contradict themselves as intended if made to', async () => {
    const { findings } = await findingsIn(examples['contradictions_saf-t_1.30.xml']!());
    expect(findings.list().map(({ kind, code, account }) => [kind, code, account ?? null])).toEqual([
      ['decide', 'saft.opening-difference', null],
      ['contradiction', 'saft.closing-mismatch', '1920'],
      ['contradiction', 'saft.closing-mismatch', '2740'],
      ['contradiction', 'saft.total-mismatch', null],
      ['warning', 'saft.tax-code-duplicate', null],
      ['warning', 'saft.party-openings-differ', '1500'],
      ['warning', 'saft.party-account-not-found', '1951'],
      ['warning', 'saft.currency-invalid', null],
    ]);
    expect(findings.list()[0]!.message).toContain('debit exceeds credit by 12\u00a0500,00');
  });

  it('need no external data', () => {
    expect(Object.keys(examples).every((name) => existsSync(inExamples(name)))).toBe(true);
  });
});
