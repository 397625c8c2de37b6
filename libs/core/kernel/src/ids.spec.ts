import { commandIdOf, eventIdOf, isId, nameId, newId, daybookNamespace, streamName, tenantOfStream } from './ids.js';

const tenant = '0190a0b0-0000-7000-8000-000000000001';

describe('ids', () => {
  it('sort later when made later', () => {
    const ids = Array.from({ length: 200 }, newId);
    expect([...ids].sort()).toEqual(ids);
    expect(ids.every(isId)).toBe(true);
  });
  it('are the same for the same names, and differ when the names are divided elsewhere', () => {
    expect(nameId(daybookNamespace, 'a', 'b')).toBe(nameId(daybookNamespace, 'a', 'b'));
    expect(nameId(daybookNamespace, 'ab', 'c')).not.toBe(nameId(daybookNamespace, 'a', 'bc'));
  });
  it('repeat when a request is repeated, for the command and its events', () => {
    const once = commandIdOf(tenant, 'person', 'accounting.entry.post', 'key-1');
    expect(commandIdOf(tenant, 'person', 'accounting.entry.post', 'key-1')).toBe(once);
    expect(commandIdOf(tenant, 'other', 'accounting.entry.post', 'key-1')).not.toBe(once);
    expect(eventIdOf(once, 'a', 0)).toBe(eventIdOf(once, 'a', 0));
    expect(eventIdOf(once, 'a', 0)).not.toBe(eventIdOf(once, 'a', 1));
    expect(eventIdOf(once, 'a', 0)).not.toBe(eventIdOf(once, 'b', 0));
  });
});

describe('stream names', () => {
  it('contain their tenant', () => {
    expect(tenantOfStream(streamName('accounting.ledger', tenant, 'x-y'))).toBe(tenant);
  });
  it('without a tenant belong to no tenant', () => {
    expect(tenantOfStream('accounting.ledger')).toBeNull();
    expect(tenantOfStream('accounting.ledger-not-a-tenant')).toBeNull();
  });
});
