import { commandIdOf, eventIdOf, isId, nameId, newId, daybookNamespace, streamName, tenantOfStream } from './ids.js';

const tenant = '0190a0b0-0000-7000-8000-000000000001';

describe('ids', () => {
  it('made later sort later', () => {
    const ids = Array.from({ length: 200 }, newId);
    expect([...ids].sort()).toEqual(ids);
    expect(ids.every(isId)).toBe(true);
  });
  it('derived from the same names are the same, and the border between names counts', () => {
    expect(nameId(daybookNamespace, 'a', 'b')).toBe(nameId(daybookNamespace, 'a', 'b'));
    expect(nameId(daybookNamespace, 'ab', 'c')).not.toBe(nameId(daybookNamespace, 'a', 'bc'));
  });
  it('of a repeated request and its events repeat', () => {
    const once = commandIdOf(tenant, 'person', 'accounting.entry.post', 'key-1');
    expect(commandIdOf(tenant, 'person', 'accounting.entry.post', 'key-1')).toBe(once);
    expect(commandIdOf(tenant, 'other', 'accounting.entry.post', 'key-1')).not.toBe(once);
    expect(eventIdOf(once, 'a', 0)).toBe(eventIdOf(once, 'a', 0));
    expect(eventIdOf(once, 'a', 0)).not.toBe(eventIdOf(once, 'a', 1));
    expect(eventIdOf(once, 'a', 0)).not.toBe(eventIdOf(once, 'b', 0));
  });
});

describe('stream names', () => {
  it('carry their tenant', () => {
    expect(tenantOfStream(streamName('accounting.ledger', tenant, 'x-y'))).toBe(tenant);
  });
  it('without a tenant belong to nobody', () => {
    expect(tenantOfStream('accounting.ledger')).toBeNull();
    expect(tenantOfStream('accounting.ledger-not-a-tenant')).toBeNull();
  });
});
