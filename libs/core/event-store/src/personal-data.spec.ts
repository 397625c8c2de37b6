import { event, newId, personal, sealingFaults } from '@daybook/kernel';
import { type Marked, markedSchemas } from '@daybook/kernel/testing/marked-schemas';
import fc from 'fast-check';
import * as z from 'zod';
import { catalogueOf } from './sealing-catalogue.js';
import { containsSealed } from './personal-data.js';
import type { EventToAppend, StoredEvent } from './port.js';
import { metaFor } from './testing/events.js';
import { memorySealer } from './testing/memory-sealer.js';

const tenant = newId();
const record = () => ({ type: 'people.person', id: '1' });
const stored = (written: EventToAppend): StoredEvent => ({
  ...written,
  stream: `people.person-${tenant}-p1`,
  revision: 0,
  position: 1n,
  recordedAt: '2026-11-29T10:00:00.000Z',
});

async function stored3(data: z.ZodType, value: unknown) {
  const sealer = memorySealer();
  const declared = event('people.person-contacted', { data, record });
  const catalogue = catalogueOf([declared], sealer);
  const written = await catalogue.toStore(newId(), declared.of(value), metaFor(tenant));
  const read = async () => (await catalogue.fromStore(stored(written)))!.data;
  return { sealer, catalogue, written, read };
}

describe('personal data of an event', () => {
  const whole = ({ schema, value }: Marked) => ({
    schema: z.object({ personId: z.string(), it: schema }),
    value: { personId: 'p1', it: value },
  });

  it('is never stored in clear, wherever its field is, and is read back unchanged', async () => {
    await fc.assert(
      fc.asyncProperty(
        markedSchemas((schema) => personal(schema, 'personId')),
        async (marked) => {
          const { schema, value } = whole(marked);
          const { sealer, written, read } = await stored3(schema, value);
          expect(JSON.stringify(written)).not.toContain('secret');
          expect(await read()).toEqual(schema.parse(value));
          expect(containsSealed(schema, written.data, 'p1')).toBe(true);
          expect(containsSealed(schema, written.data, 'p2')).toBe(false);
          await sealer.erase(tenant, 'p1');
          expect(JSON.stringify(await read())).not.toContain('secret');
        },
      ),
      { numRuns: 400 },
    );
  });

  it("is sealed for the subject that the nearest enclosing object names, and is erased with that subject's key only", async () => {
    const schema = z.object({
      personId: z.string(),
      name: personal(z.string(), 'personId'),
      phones: z.array(personal(z.string(), 'personId')),
      friends: z.array(z.object({ personId: z.string(), name: personal(z.string(), 'personId') })),
    });
    const value = { personId: 'p1', name: 'Ada', phones: ['1', '2'], friends: [{ personId: 'p2', name: 'Bert' }] };
    const { sealer, read } = await stored3(schema, value);
    await sealer.erase(tenant, 'p2');
    expect(await read()).toEqual({ ...value, friends: [{ personId: 'p2', name: null }] });
    await sealer.erase(tenant, 'p1');
    expect(await read()).toMatchObject({ name: null, phones: [null, null] });
  });

  it('of one person within that of another is erased with either key', async () => {
    const schema = z.object({
      personId: z.string(),
      form: personal(z.object({ guardianId: z.string(), name: personal(z.string(), 'guardianId') }), 'personId'),
    });
    const value = { personId: 'p1', form: { guardianId: 'p2', name: 'Bert' } };
    const { sealer, read } = await stored3(schema, value);
    expect(await read()).toEqual(value);
    await sealer.erase(tenant, 'p2');
    expect(await read()).toEqual({ personId: 'p1', form: { guardianId: 'p2', name: null } });
  });

  it('is read back unchanged when it looks like a sealed value', async () => {
    const schema = z.object({ personId: z.string(), form: personal(z.record(z.string(), z.unknown()), 'personId') });
    const value = { personId: 'p1', form: { sealed: 'AAAA' } };
    expect(await (await stored3(schema, value)).read()).toEqual(value);
  });

  it('cannot name its subject by a key of a record', async () => {
    const schema = z.object({ personId: z.string(), map: z.record(z.string(), personal(z.string(), 'personId')) });
    const value = { personId: 'p1', map: { personId: 'p2', name: 'Ada' } };
    const { sealer, read } = await stored3(schema, value);
    await sealer.erase(tenant, 'p1');
    expect(await read()).toEqual({ personId: 'p1', map: { personId: null, name: null } });
  });

  it('is refused when no subject is named', async () => {
    const schema = z.object({ personId: z.string().nullable(), name: personal(z.string(), 'personId') });
    await expect(stored3(schema, { personId: null, name: 'Ada' })).rejects.toThrow('/name is personal');
  });
});

describe('the HMAC of an input', () => {
  const schema = z.object({ personId: z.string(), name: personal(z.string(), 'personId') });

  it('is sealed for every subject in the events, so that nobody can test guesses about an erased person', async () => {
    const declared = event('people.person-contacted', { data: schema, record });
    const plain = event('people.person-counted', { data: z.object({ personId: z.string() }), record });
    const sealer = memorySealer();
    const catalogue = catalogueOf([declared, plain], sealer);
    const events = [declared.of({ personId: 'p1', name: 'A' }), plain.of({ personId: 'p1' }), declared.of({ personId: 'p:2', name: 'B' })]; // prettier-ignore
    const inputHmac = await catalogue.sealedHmac('hmac-of-a-guess', events, tenant);
    expect(inputHmac).not.toContain('guess');
    const written = await catalogue.toStore(newId(), plain.of({ personId: 'p1' }), { ...metaFor(tenant), inputHmac });
    const read = async () => (await catalogue.fromStore(stored(written)))!.meta.inputHmac;
    expect(await read()).toBe('hmac-of-a-guess');
    await sealer.erase(tenant, 'p1');
    expect(await read()).toBe('');
    expect(await catalogue.sealedHmac('as it is', [plain.of({ personId: 'p1' })], tenant)).toBe('as it is');
  });
});

describe('what cannot be sealed', () => {
  const mark = personal(z.string(), 'personId');
  const personId = z.string();
  it.each([
    [
      'in a map',
      z.object({ personId, all: z.map(z.string(), mark) }),
      'all is personal and cannot be sealed: it is in a map',
    ],
    ['in a set', z.object({ personId, all: z.set(mark) }), 'all is personal and cannot be sealed: it is in a set'],
    [
      'as a key',
      z.object({ personId, by: z.record(mark, z.string()) }),
      'by is personal and cannot be sealed: it is in the key of a record',
    ],
    ['in a promise', z.object({ personId, soon: z.promise(mark) }), 'it is in a promise'],
    ['in a template', z.object({ personId, to: z.templateLiteral(['to ', mark]) }), 'it is in a template literal'],
    [
      'in what a transformation takes in',
      z.object({ personId, list: z.array(z.object({ a: mark })).transform((all) => all.map(({ a }) => a)) }),
      'list[].a is personal and cannot be sealed: a transformation',
    ],
    [
      'with a subject that is nowhere',
      z.object({ list: z.array(z.object({ a: mark })) }),
      'list[].a is personal and cannot be sealed: no object around it has the field personId',
    ],
    [
      'with a subject that is no text',
      z.object({ personId: z.number(), a: mark }),
      'personId, which names the subject, is not a text',
    ],
    [
      'with a subject that is sealed itself',
      z.object({ personId: personal(personId, 'id'), id: personId, a: mark }),
      'personId, which names the subject, is personal itself',
    ],
  ])('%s is refused at start, with the event and the path', (_, data, sentence) => {
    // prettier-ignore
    const declare = () => catalogueOf([event('people.person-contacted', { data, record })], memorySealer());
    expect(declare).toThrow('The event people.person-contacted cannot be stored.');
    expect(declare).toThrow(sentence);
    expect(sealingFaults(data).length).toBeGreaterThan(0);
  });
});
