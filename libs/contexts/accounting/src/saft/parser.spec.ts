import { createReadStream, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { recordsOf } from './testing/check-file.js';
import { externalData } from './testing/external-data.js';
import { balanced, namespace, tinyFile, transaction } from './testing/tiny-file.js';
import { maxToken } from './xml.js';

const bytesOf = (text: string): Uint8Array => Buffer.from(text, 'utf8');
async function* pieces(bytes: Uint8Array, cuts: readonly number[]): AsyncGenerator<Uint8Array> {
  let from = 0;
  for (const cut of [...new Set(cuts)].sort((a, b) => a - b)) {
    yield bytes.subarray(from, cut);
    from = cut;
  }
  yield bytes.subarray(from);
}
const readBytes = (bytes: Uint8Array, cuts: readonly number[] = []) => recordsOf(pieces(bytes, cuts));
const faultOf = async (text: string) => (await recordsOf(text)).fault;

describe('reading SAF-T', () => {
  it('gives each record with its lines', async () => {
    const { records, fault } = await recordsOf(tinyFile());
    expect(fault).toBeNull();
    expect(records.map((r) => [r.kind, 'line' in r ? r.line : [r.from, r.to]])).toEqual([
      ['header', 3],
      ['account', 5],
      ['account', 5],
      ['totals', 7],
      ['journal', 7],
      ['transaction', [8, 8]],
    ]);
  });

  it('accepts any prefix for the namespace', async () => {
    const prefixed = tinyFile()
      .replace('xmlns=', 'xmlns:no=')
      .replaceAll(/<(\/?)([A-Z])/g, '<$1no:$2');
    const lineless = async (text: string) => JSON.stringify((await recordsOf(text)).records);
    expect(await lineless(prefixed)).toBe(await lineless(tinyFile()));
  });

  it('skips elements of other namespaces and parts it does not read', async () => {
    const strange = tinyFile({
      masters: `<Owners><Owner><Account><AccountID>9</AccountID></Account></Owner></Owners><x:Account xmlns:x="urn:x"><AccountID>8</AccountID></x:Account>`,
    });
    expect(JSON.stringify((await recordsOf(strange)).records)).toBe(
      JSON.stringify((await recordsOf(tinyFile())).records),
    );
  });

  it('reads the balance accounts of a party in the form of 1.20 and of 1.30', async () => {
    const party = (inner: string) =>
      tinyFile({ masters: `<Customers><Customer><CustomerID>7</CustomerID>${inner}</Customer></Customers>` });
    const figures = '<AccountID>1500</AccountID><OpeningDebitBalance>5</OpeningDebitBalance>';
    const read = async (inner: string) => (await recordsOf(party(inner))).records.find((r) => r.kind === 'party');
    const [old, young] = [await read(figures), await read(`<BalanceAccount>${figures}</BalanceAccount>`)];
    expect(old).toMatchObject({ id: '7', balances: [{ account: { text: '1500' }, openingDebit: { text: '5' } }] });
    expect(young).toEqual(old);
  });

  it('reads the version from AuditFileVersion, else from the schema, and refuses others', async () => {
    const at = (schema: string) =>
      `xmlns="${namespace}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="${namespace} Norwegian_SAF-T_Financial_Schema_v_${schema}.xsd"`;
    const versionIn = async (version: string, schema?: string) => {
      const text = tinyFile({ version });
      const { records, fault } = await recordsOf(schema ? text.replace(`xmlns="${namespace}"`, at(schema)) : text);
      return fault?.code ?? (records[0]?.kind === 'header' ? records[0].version : null);
    };
    expect(await versionIn('1.30')).toBe('1.30');
    expect(await versionIn('1.20', '1.10')).toBe('1.20');
    expect(await versionIn('1.0', '1.10')).toBe('1.10');
    expect(await versionIn('2.00')).toBe('saft.version-invalid');
  });

  it('gives the same records wherever chunks are cut', async () => {
    const text = tinyFile({
      header: '<HeaderComment>Ærlig ØKONOMI på 😀 &amp; <![CDATA[<&>]]></HeaderComment>',
      transactions: transaction('Å-1', balanced()) + transaction('2', balanced('7.5')),
    }).replaceAll('\n', '\r\n');
    const bytes = bytesOf(`\uFEFF${text}`);
    const whole = await readBytes(bytes);
    expect(whole.fault).toBeNull();
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: bytes.length }), { maxLength: 40 }), async (cuts) => {
        expect(await readBytes(bytes, cuts)).toEqual(whole);
      }),
      { numRuns: 60 },
    );
    expect(
      await readBytes(
        bytes,
        Array.from(bytes, (_, n) => n),
      ),
    ).toEqual(whole);
  });

  it('gives the same finding for invalid bytes wherever chunks are cut', async () => {
    const bytes = Buffer.from(tinyFile());
    const broken = Buffer.concat([bytes.subarray(0, 300), Buffer.from([0xe5]), bytes.subarray(300)]);
    const whole = await readBytes(broken);
    expect(whole.fault).toMatchObject({ code: 'saft.encoding' });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: broken.length }), { maxLength: 20 }), async (cuts) => {
        expect(await readBytes(broken, cuts)).toEqual(whole);
      }),
      { numRuns: 60 },
    );
  });

  it('has one record in memory at a time', async () => {
    async function* endless(): AsyncGenerator<Uint8Array> {
      const [head, tail] = tinyFile({ transactions: '%' }).split('%');
      yield bytesOf(head!);
      for (let n = 0; n < 500; n++) {
        yield bytesOf(Array.from({ length: 10 }, (_, m) => transaction(`${n}-${m}`, balanced())).join('\n'));
      }
      yield bytesOf(tail!);
    }
    const { parseSaft } = await import('./parser.js');
    const before = process.memoryUsage().heapUsed;
    let [count, most] = [0, 0];
    for await (const record of parseSaft(endless())) {
      if (record.kind === 'transaction') count += 1;
      if (count % 1000 === 0) most = Math.max(most, process.memoryUsage().heapUsed - before);
    }
    expect(count).toBe(5_000);
    expect(most).toBeLessThan(100_000_000);
  });
});

describe('a file that is refused', () => {
  it('is not well-formed XML; the finding has line and column', async () => {
    const fault = await faultOf(tinyFile().replace('</MasterFiles>', '</Masterfiles>'));
    expect(fault).toMatchObject({ code: 'saft.malformed-xml', kind: 'error', line: 6 });
    expect(fault!.message).toMatch(/^Line 6, column \d+: the XML is not well-formed: /);
    expect(await faultOf(tinyFile().slice(0, -20))).toMatchObject({ code: 'saft.malformed-xml' });
    expect(await faultOf('')).toMatchObject({ code: 'saft.malformed-xml', line: 1 });
  });

  it('has no namespace, like the published 1.30 sample of the tax administration', async () => {
    const fault = await faultOf(tinyFile().replace(` xmlns="${namespace}"`, ''));
    expect(fault).toMatchObject({ code: 'saft.namespace-missing', line: 2 });
    expect(fault!.message).toContain('not valid SAF-T');
    expect(await faultOf(tinyFile().replace(namespace, 'urn:OECD'))).toMatchObject({ code: 'saft.namespace-invalid' });
    expect(await faultOf('<html/>')).toMatchObject({ code: 'saft.not-saft' });
  });

  it('has a document type: billion laughs, entities, external files', async () => {
    const laughs = `<!DOCTYPE AuditFile [\n<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;">\n]>`;
    const external = `<!DOCTYPE AuditFile [<!ENTITY x SYSTEM "file:///etc/passwd">]>`;
    const within = (doctype: string) =>
      tinyFile({ header: '<HeaderComment>&b;</HeaderComment>' }).replace('\n', `\n${doctype}\n`);
    expect(await faultOf(within(laughs))).toMatchObject({ code: 'saft.doctype', line: 2 });
    expect(await faultOf(within(external))).toMatchObject({ code: 'saft.doctype', line: 2 });
    // An undefined entity is refused, too.
    expect(await faultOf(tinyFile({ header: '<HeaderComment>&b;</HeaderComment>' }))).toMatchObject({
      code: 'saft.malformed-xml',
      line: 3,
    });
  });

  it('is in another encoding, by its bytes or its declaration', async () => {
    const latin = await readBytes(Buffer.from(tinyFile().replace('Tiny', 'Tøyen'), 'latin1'));
    expect(latin.fault).toMatchObject({ code: 'saft.encoding', line: 3 });
    expect(latin.fault!.message).toMatch(/^Line 3, byte \d+: the byte F8 is not UTF-8/);
    expect((await readBytes(Buffer.from(`\uFEFF${tinyFile()}`, 'utf16le'))).fault).toMatchObject({
      code: 'saft.encoding',
    });
    expect((await readBytes(Buffer.from(tinyFile(), 'utf16le'))).fault!.message).toContain('UTF-16');
    expect(await faultOf(tinyFile().replace('"UTF-8"', '"ISO-8859-1"'))).toMatchObject({
      code: 'saft.encoding',
      line: 1,
    });
    const cut = Buffer.concat([Buffer.from(tinyFile()), Buffer.from([0xc3])]);
    expect((await readBytes(cut)).fault).toMatchObject({ code: 'saft.encoding' });
  });

  it('would exhaust memory: endless nesting, texts, tags or records', async () => {
    expect(await faultOf(tinyFile({ header: '<a>'.repeat(100) }))).toMatchObject({ code: 'saft.too-deep' });
    const long = 'x'.repeat(2 * maxToken);
    expect(await faultOf(tinyFile({ header: `<HeaderComment>${long}` }))).toMatchObject({
      code: 'saft.token-too-long',
    });
    expect(await faultOf(tinyFile({ header: `<!--${long}` }))).toMatchObject({ code: 'saft.token-too-long' });
    expect(await faultOf(tinyFile({ header: `<a ${'b="c" '.repeat(200_000)}` }))).toMatchObject({
      code: expect.stringMatching(/token-too-long|malformed-xml/),
    });
    const lines = '<Line/>'.repeat(200_001);
    expect(await faultOf(tinyFile({ transactions: transaction('1', lines) }))).toMatchObject({
      code: 'saft.record-too-large',
    });
  });

  it('has no header, or records without an id', async () => {
    expect(await faultOf(`<AuditFile xmlns="${namespace}"></AuditFile>`)).toMatchObject({
      code: 'saft.header-missing',
    });
    const late = tinyFile().replace('<Header>', `${`<!--${'x'.repeat(900_000)}-->`.repeat(3)}<Header>`);
    expect((await readBytes(bytesOf(late), [1_000_000, 2_100_000])).fault).toMatchObject({
      code: 'saft.header-missing',
    });
    expect(await faultOf(tinyFile().replace('<AccountID>1920</AccountID>', ''))).toMatchObject({
      code: 'saft.id-missing',
      line: 5,
    });
  });
});

const data = externalData('saft-no');
(data ? describe : describe.skip)('files of the tax administration', () => {
  it('include a published 1.30 sample that is invalid; the finding says why', async () => {
    const { fault } = await recordsOf(createReadStream(join(data!, 'Eksempelfil_fra_xmlSpy.xml')));
    expect(fault).toMatchObject({ code: 'saft.namespace-missing', line: 3 });
  });

  it('include that sample, which is valid with its namespace', async () => {
    const text = readFileSync(join(data!, 'Eksempelfil_fra_xmlSpy.xml'), 'utf8').replace('xmlns:n1=', 'xmlns=');
    const { records, fault } = await recordsOf(text);
    expect(fault).toBeNull();
    expect(records.map((r) => r.kind)).toEqual([
      'header',
      'account',
      'party',
      'party',
      'tax-code',
      'totals',
      'journal',
      'transaction',
    ]);
  });
});
