import { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import type { Files } from '@daybook/files';
import { aggregate, create, created, face, field, newId, record } from '@daybook/kernel';
import type { PerformContext } from '../context.js';
import { Bindings } from '../dispatch/bindings.js';
import { contextOf } from '../record-context.js';

import { inspectBinding } from './import.inspect.js';

const person = record('desk.person', { one: 'person', many: 'persons', icon: 'user', calledBy: 'name', fields: { name: field.text('Name') } }); // prettier-ignore
const createPerson = create(person);
const added = created(person);
const desk = contextOf(face('desk', { title: 'Desk', icon: 'user', records: [person] }), [
  aggregate(person, { commands: [createPerson], events: [added], rules: { create: added.of } }),
]);

describe('a file that is looked at', () => {
  const bindings = new Bindings([desk]);
  /** Files that answer when the spec lets them, and how many are open. */
  function desks() {
    const open: (() => void)[] = [];
    let opened = 0;
    const files = {
      info: async () => ({ size: 10 }),
      open: async () => {
        opened += 1;
        const { promise, resolve } = Promise.withResolvers<void>();
        open.push(resolve);
        await promise;
        return Readable.from([Buffer.from('Name\nPer\n')]);
      },
    } as unknown as Files;
    const look = (tenant: string) => {
      const context = { caller: { tenant }, files, readableFile: async () => ({}) } as unknown as PerformContext;
      return inspectBinding.handler({ file: '0'.repeat(64), operation: createPerson.name }, context, {
        bindings,
        states: {},
      });
    };
    return { look, opened: () => opened, release: () => open.shift()?.() };
  }
  const settle = async () => {
    for (let round = 0; round < 20; round++) await setImmediate();
  };

  it('is read after those of its tenant, and with one of another at most', async () => {
    const { look, opened, release } = desks();
    const [one, two, three] = [newId(), newId(), newId()];
    const looks = [one, one, two, three].map(look);
    await settle();
    expect(opened()).toBe(2);
    for (const after of [3, 4]) {
      release();
      await settle();
      expect(opened()).toBe(after);
    }
    release();
    release();
    for (const shown of await Promise.all(looks)) expect(shown).toMatchObject({ format: 'csv', rows: 1 });
  });
});
