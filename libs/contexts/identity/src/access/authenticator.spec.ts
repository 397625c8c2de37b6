import { UnknownEventError } from '@daybook/event-store';
import { isRejection, newId, type NewEvent, nameId } from '@daybook/kernel';
import { type Access, permissionsIn, StateCache, unauthenticated } from '@daybook/server';
import { MemoryStore, plainCatalogue } from '@daybook/server/testing/memory-store';
import { sodRuleSet } from '../segregation-of-duties/sod-rule.events.js';
import { grantRevoked } from '../grant/grant.events.js';
import { apiKeyIssued, apiKeyRevoked } from '../api-key/api-key.events.js';
import { memberDeactivated, memberReactivated } from '../member/member.events.js';
import { roleDefined, roleRedefined } from '../role/role.events.js';
import { serviceCreated } from '../service/service.events.js';
import { policySet } from '../tenant/tenant.events.js';
import { tenantEvents } from '../tenant/tenant.stream.js';
import { companyA, declared, fjord, grantIdOf, holds, kari, liv, ola, tenantId } from '../tenant/testing/given.js';
import { RightsAuthenticator } from './authenticator.js';
import type { VerifiedToken } from './token-verifier.js';
import { tenantState, tenantStream } from './tenant-state-cache.js';

const stream = tenantStream(tenantId);
const catalogue = plainCatalogue(tenantEvents);
const desk = '0190a1b2-0000-7000-8000-0000000000d1';
const deskRole = { roleId: desk, name: 'Desk', description: '', permissions: ['accounting.entry.read'], fields: [] };

/** A tenant in a store, and processes that look up its rights. */
function tenant() {
  const store = new MemoryStore();
  const asked = { revisions: 0, reads: 0, shorter: 0 };
  const record = async (...events: NewEvent[]) => {
    const written = await Promise.all(
      events.map((event) =>
        catalogue.toStore(newId(), event, {
          tenant: tenantId,
          commandId: nameId(tenantId, String(store.all.length)),
          record: { type: 'x', id: 'x', version: 1 },
        } as never),
      ),
    );
    await store.append(stream, 'any', written);
  };
  const process = (changes: Partial<VerifiedToken> = {}, now = Date.parse('2026-03-31T12:00:00Z')) => {
    const clock = { now };
    const states = new StateCache({
      logWentBack: async () => void (asked.shorter += 1),
      lastRevisions: async (streams) => {
        asked.revisions += 1;
        return store.lastRevisions(streams);
      },
      events: {
        get epoch() {
          return asked.shorter;
        },
        stream: async function* (name, { from = 0 } = {}) {
          asked.reads += 1;
          for await (const stored of store.readStream(name, { from })) {
            const event = await catalogue.fromStore(stored);
            if (event) yield event;
          }
        },
      },
    });
    const tenantStates = states.of(tenantState);
    const verify = async (bearer: string): Promise<VerifiedToken> => ({
      tenant: tenantId,
      holder: { kind: 'person', id: bearer },
      actor: { kind: 'person', id: bearer },
      onBehalfOf: null,
      sessionId: 's',
      authenticatedAt: null,
      expiresAt: '2026-03-31T13:00:00Z',
      revalidate: async () => ({ secondFactor: false }),
      ...changes,
    });
    const keys = { jwks: async () => ({ keys: [] }) };
    const authenticator = new RightsAuthenticator([{ recognises: () => true, verify }], tenantStates, keys, { declared }, () => clock.now); // prettier-ignore
    const rights = async (who: string) => {
      const access = await authenticator.authenticate(who, null);
      return isRejection(access) ? access.message : [...permissionsIn(access)].sort();
    };
    return { authenticator, rights, clock };
  };
  return { store, asked, record, process };
}
const own = ['identity.password.change', 'identity.session.read'];

describe('the rights of a request', () => {
  it('come from the grants in force, each with its place and hidden fields', async () => {
    const { record, process } = tenant();
    const fields = [{ field: 'identity.person.email', rule: 'hide' as const }];
    await record(...fjord, roleDefined.of({ ...deskRole, fields }), holds(ola, desk, { companyId: companyA }));
    const access = await process().authenticator.authenticate(ola, null);
    expect(access).toMatchObject({ tenant: tenantId, actor: { kind: 'person', id: ola }, sessionId: 's' });
    expect(isRejection(access) ? [] : access.grants).toMatchObject([
      { role: 'Accountant', companyId: null, fields: {} },
      { role: desk, companyId: companyA, fields: { 'identity.person.email': 'hide' } },
      { role: 'Member', permissions: new Set(own) },
    ]);
  });

  it('lose a revoked grant at the next request, in every process', async () => {
    const { record, process } = tenant();
    await record(...fjord);
    const [one, other] = [process(), process()];
    expect(await one.rights(ola)).toContain('accounting.entry.post');
    expect(await other.rights(ola)).toContain('accounting.entry.post');
    await record(grantRevoked.of({ grantId: grantIdOf(ola, 'Accountant'), holder: 'person', holderId: ola, role: 'Accountant', reason: null })); // prettier-ignore
    expect(await one.rights(ola)).toEqual(own);
    expect(await other.rights(ola)).toEqual(own);
  });

  it('follow the latest definition of a role', async () => {
    const { record, process } = tenant();
    await record(...fjord, roleDefined.of(deskRole), holds(kari, desk));
    const { rights } = process();
    expect(await rights(kari)).toContain('accounting.entry.read');
    await record(roleRedefined.of({ ...deskRole, permissions: ['accounting.entry.post'] }));
    expect(await rights(kari)).toContain('accounting.entry.post');
  });

  it('end after the last day of a grant, in UTC', async () => {
    const { record, process } = tenant();
    await record(...fjord.slice(0, 4), holds(ola, 'Accountant', { until: '2026-03-31' }));
    const { rights, clock } = process();
    clock.now = Date.parse('2026-03-31T23:59:59Z');
    expect(await rights(ola)).toContain('accounting.entry.post');
    clock.now = Date.parse('2026-04-01T00:00:00Z');
    expect(await rights(ola)).toEqual(own);
  });

  it('are refused to strangers and deactivated members, with the reason', async () => {
    const { record, process } = tenant();
    await record(...fjord);
    const { authenticator, rights } = process();
    expect(await authenticator.authenticate(liv, null)).toMatchObject({
      status: 401,
      code: 'platform.unauthenticated',
    });
    await record(memberDeactivated.of({ personId: ola, reason: 'Left' }));
    expect(await authenticator.authenticate(ola, null)).toMatchObject({
      status: 401,
      code: 'platform.unauthenticated',
      message: 'Your membership of this tenant is deactivated. Ask its administrator.',
    });
    await record(memberReactivated.of({ personId: ola, reason: 'Back' }));
    expect(await rights(ola)).toContain('accounting.entry.post');
  });

  it('cover only the own account without the second factor that the tenant requires', async () => {
    const { record, process } = tenant();
    await record(...fjord, policySet.of({ tenantId, mfaRequired: true }));
    expect(await process().rights(ola)).toEqual(own);
    expect(await process({ revalidate: async () => ({ secondFactor: true }) }).rights(ola)).toContain(
      'accounting.entry.post',
    );
  });

  it('are refused when the session has ended, and restricted to what the token may use', async () => {
    const { record, process } = tenant();
    await record(...fjord);
    const ended = process({ revalidate: async () => unauthenticated('The session has ended.') });
    expect(await ended.rights(ola)).toBe('The session has ended.');
    const restrict: VerifiedToken['restrict'] = (grants) =>
      grants.map((grant) => ({ ...grant, permissions: new Set(['accounting.entry.read']) }));
    expect(await process({ restrict }).rights(ola)).toEqual(['accounting.entry.read']);
  });

  it('name the permissions that one person must not use on the same document', async () => {
    const { record, process } = tenant();
    await record(...fjord);
    const { authenticator } = process();
    const incompatible = async () => {
      const access = await authenticator.authenticate(ola, null);
      return isRejection(access) ? null : access.incompatible.get('accounting.entry.post');
    };
    expect(await incompatible()).toEqual(['approvals.request.approve']);
    const rule = { ruleId: 'own', first: 'audit.event.read', second: 'accounting.entry.post', risk: 'R' };
    await record(sodRuleSet.of({ ...rule, mitigation: null, onDocument: true }));
    expect(await incompatible()).toEqual(['approvals.request.approve', 'audit.event.read']);
  });

  it('are the same for an actor who is not the caller', async () => {
    const { record, process } = tenant();
    await record(...fjord);
    const { authenticator } = process();
    const rights = await authenticator.rightsOf(tenantId, { kind: 'person', id: ola });
    expect(rights?.grants.map(({ role }) => role)).toEqual(['Accountant', 'Member']);
    expect(await authenticator.rightsOf(tenantId, { kind: 'person', id: liv })).toBeNull();
    expect(await authenticator.rightsOf(tenantId, { kind: 'api-key', id: liv })).toBeNull();
  });

  it('cost concurrent requests one query for the last revision, and read only new events', async () => {
    const { asked, record, process } = tenant();
    await record(...fjord);
    const { rights } = process();
    await rights(ola);
    Object.assign(asked, { revisions: 0, reads: 0 });
    await Promise.all([rights(ola), rights(kari), rights(ola)]);
    expect(asked).toMatchObject({ revisions: 1, reads: 0 });
    await record(policySet.of({ tenantId, mfaRequired: true }));
    await Promise.all([rights(ola), rights(kari)]);
    expect(asked.reads).toBe(1);
  });

  it('may start from the cached state, and are the same lists if nothing changed', async () => {
    const { record, process } = tenant();
    await record(...fjord);
    const { authenticator } = process({ secondFactor: false });
    const begun: Access[] = [];
    const ask = async () => {
      const access = await authenticator.authenticate(ola, null, (ahead) => begun.push(ahead));
      if (isRejection(access)) throw new Error(access.message);
      return access;
    };
    await ask();
    expect(begun).toEqual([]);
    const now = await ask();
    expect(begun[0]?.grants).toBe(now.grants);
    expect(begun[0]?.incompatible).toBe(now.incompatible);
    await record(holds(ola, 'Auditor'));
    const next = await ask();
    expect(begun[1]?.grants).toBe(now.grants);
    expect(next.grants).not.toBe(now.grants);
    await record(memberDeactivated.of({ personId: ola, reason: 'Left' }));
    await expect(ask()).rejects.toThrow('deactivated');
    await expect(ask()).rejects.toThrow('deactivated');
    expect(begun).toHaveLength(3);
  });

  it('are read again after a failure of the store', async () => {
    const { store, record, process } = tenant();
    await record(...fjord);
    const { rights } = process();
    const { lastRevisions } = store;
    store.lastRevisions = () => Promise.reject(new Error('connection lost'));
    await expect(rights(ola)).rejects.toThrow('connection lost');
    store.lastRevisions = lastRevisions;
    expect(await rights(ola)).toContain('accounting.entry.post');
  });

  it('are dropped and reported when the stream has lost events', async () => {
    const { store, record, process, asked } = tenant();
    await record(...fjord);
    const { rights } = process();
    const before = store.all.length;
    await record(memberDeactivated.of({ personId: ola, reason: 'Left' }));
    expect(await rights(ola)).toContain('deactivated');
    store.all.length = before;
    expect(await rights(ola)).toContain('accounting.entry.post');
    expect(asked.shorter).toBe(1);
    store.all.length = 0;
    expect(await rights(ola)).toBe('You are not a member of this tenant.');
    expect(asked.shorter).toBe(2);
  });

  it('are read anew when the stream loses events after its revision was queried', async () => {
    const { store, record, process, asked } = tenant();
    await record(...fjord);
    const { rights } = process();
    const { lastRevisions } = store;
    store.lastRevisions = async (streams) => {
      const last = await lastRevisions.call(store, streams);
      store.lastRevisions = lastRevisions;
      store.all.length = 1;
      return last;
    };
    expect(await rights(ola)).toBe('You are not a member of this tenant.');
    expect(asked.shorter).toBe(1);
  });

  it('are refused, every time, at an event of a newer version that may have revoked them', async () => {
    const { store, record, process } = tenant();
    await record(...fjord);
    const [event] = store.all;
    await store.append(stream, 'any', [{ ...event!, id: newId(), type: 'identity.badge-printed.v1' }]);
    const { rights } = process();
    for (let time = 0; time < 2; time++) await expect(rights(ola)).rejects.toBeInstanceOf(UnknownEventError);
  });

  it('name the other keys of a service account as peers, and the person behind an own key', async () => {
    const { record, process } = tenant();
    const [one, two, revoked, other, own] = [1, 2, 3, 4, 5].map((n) => nameId(tenantId, 'key', String(n)));
    const shop = nameId(tenantId, 'shop');
    /** Who created each service account and issued its keys; people issue their own. */
    const by = new Map([[shop, ola], [liv, nameId(tenantId, 'maker')]]); // prettier-ignore
    const key = (keyId: string, holder: 'person' | 'service', holderId: string) =>
      apiKeyIssued.of({ keyId, holder, holderId, name: 'Orders', prefix: keyId.slice(0, 8), scopes: ['*'], addresses: [], until: '2026-12-31T12:00:00.000Z', issuedBy: by.get(holderId) ?? holderId }); // prettier-ignore
    const [created, ...members] = fjord;
    await record(
      created!,
      ...members,
      ...[...by].map(([serviceId, createdBy]) =>
        serviceCreated.of({ serviceId, name: serviceId, description: '', createdBy }),
      ),
      ...[one!, two!, revoked!].map((keyId) => key(keyId, 'service', shop)),
      apiKeyRevoked.of({ keyId: revoked!, holder: 'service', holderId: shop, name: 'Orders', reason: 'Old' }),
      key(other!, 'service', liv),
      key(own!, 'person', kari),
    );
    const { authenticator } = process();
    const peers = async (id: string) => (await authenticator.rightsOf(tenantId, { kind: 'api-key', id }))?.peers;
    expect(await peers(one!)).toEqual([ola, two, revoked]);
    expect(await peers(other!)).toEqual([by.get(liv)]);
    expect(await peers(own!)).toEqual([]);
  });
});
