import { createHash, createHmac, randomBytes } from 'node:crypto';
import { inTenantScope, Listener } from '@daybook/postgres';
import type { EntityManager } from '@mikro-orm/postgresql';
import { bindingOf, derive, openWith, sealWith } from '../seal.js';
import { type Sealer, SubjectErasedError } from '../sealer.js';
import type { MasterKeys } from './master-keys.js';
import { type VaultKey, VaultKeyEntity } from './vault-key.entity.js';
import { Wakeups } from './wakeups.js';

/** A key is asked for again after this time, whatever happens. */
const keptMs = 60_000;
const keptKeys = 10_000;

/** In the place of a subject: the key of hashes for look-up. */
const lookUp = 'look-up';

/** Notified after each erasure with the mark of the subject, so that every process drops the key from its cache. */
export const vaultChannel = 'daybook_vault';
/** Tells a subject to those who know it, and nobody else whose key was destroyed. */
export const markOf = (tenant: string, subject: string): string =>
  createHash('sha256').update(bindingOf(tenant, subject)).digest('base64url');

export interface PostgresSealerOptions {
  readonly em: EntityManager;
  /** Login URL, for hearing at once of keys that others destroy. */
  readonly url: string;
  readonly masters: MasterKeys;
  /** Hears of them beside others; one of its own when left out. */
  readonly listener?: Listener;
}

export interface PostgresSealer extends Sealer {
  /** Keeps no key any longer: the vault may have been restored together with the log. */
  forget(): void;
  close(): Promise<void>;
}

/**
 * One random key per subject in `vault.keys`, wrapped with a master key: neither the log, nor the table, nor a backup of
 * both opens anything without the master key. Keys are kept in memory only while this process hears of erasures; of one that
 * it hears of it forgets that subject's key alone.
 */
export function postgresSealer({ em, url, masters, listener }: PostgresSealerOptions): PostgresSealer {
  const kept = new Map<string, { key: Buffer | null; until: number; connection: number }>();
  const marks = new Map<string, string>();
  /** Look-ups under way: what they find is worth nothing once the subject was erased, or the vault exchanged, meanwhile. */
  const asking = new Set<{ readonly mark: string; current: boolean }>();
  const forget = (mark: string): void => {
    kept.delete(marks.get(mark) ?? '');
    marks.delete(mark);
    for (const one of asking) if (one.mark === mark) one.current = false;
  };
  const own = listener ? null : new Listener({ url, application: 'listen' });
  const erasures = new Wakeups(listener ?? own!, vaultChannel, forget);
  erasures.start();

  function keptOf(bound: string, make: boolean): Buffer | null | undefined {
    const known = kept.get(bound);
    if (!known || !erasures.listening) return undefined;
    if (known.connection !== erasures.connections || known.until <= Date.now()) return undefined;
    return make && known.key === null ? undefined : known.key;
  }

  function keep(bound: string, mark: string, key: Buffer | null, connection: number): void {
    const [oldest] = kept.size >= keptKeys ? kept.keys() : [];
    if (oldest !== undefined) kept.delete(oldest);
    kept.set(bound, { key, until: Date.now() + keptMs, connection });
    if (marks.size >= 2 * keptKeys) for (const [of, to] of marks) if (!kept.has(to)) marks.delete(of);
    marks.set(mark, bound);
  }

  async function keyOf(tenant: string, subject: string, make: boolean): Promise<Buffer | null> {
    const bound = bindingOf(tenant, subject);
    const known = keptOf(bound, make);
    if (known !== undefined) return known;
    // Before the reading: an erasure in between makes what is read now worth nothing later.
    const question = { mark: markOf(tenant, subject), current: true };
    const { connections } = erasures;
    asking.add(question);
    try {
      const found = await rowOf(tenant, subject, make);
      const key = found?.wrapped ? openWith(masters.of(found.master ?? null).wrapping, bound, found.wrapped) : null;
      if (question.current) keep(bound, question.mark, key, connections);
      return key;
    } finally {
      asking.delete(question);
    }
  }

  const rowOf = (tenant: string, subject: string, make: boolean): Promise<VaultKey | null> =>
    inTenantScope(em, tenant, async (em) => {
      const row = await em.findOne(VaultKeyEntity, { tenant, subject });
      if (row !== null || !make) return row;
      const { id, wrapping } = masters.current;
      const wrapped = sealWith(wrapping, bindingOf(tenant, subject), randomBytes(32));
      await em
        .createQueryBuilder(VaultKeyEntity)
        .insert({ tenant, subject, wrapped, master: id })
        .onConflict(['tenant', 'subject'])
        .ignore()
        .execute('run');
      // Not what was just made: another process may have been faster.
      return em.findOne(VaultKeyEntity, { tenant, subject });
    });

  return {
    seal: async (tenant, subject, clear) => {
      const key = await keyOf(tenant, subject, true);
      if (!key) throw new SubjectErasedError(subject);
      return sealWith(key, bindingOf(tenant, subject), Buffer.from(clear)).toString('base64url');
    },
    open: async (tenant, subject, sealed) => {
      const key = await keyOf(tenant, subject, false);
      return key && openWith(key, bindingOf(tenant, subject), Buffer.from(sealed, 'base64url')).toString();
    },
    erase: async (tenant, subject) => {
      if (subject === lookUp) throw new Error('The key of hashes belongs to no subject.');
      await inTenantScope(em, tenant, async (em) => {
        const none = { wrapped: null, master: null };
        await em
          .createQueryBuilder(VaultKeyEntity)
          .insert({ tenant, subject, ...none })
          .onConflict(['tenant', 'subject'])
          .merge(none)
          .execute('run');
        // Folded from the log again, without what was theirs.
        await em.execute('delete from store.snapshots where tenant = ? and subjects @> array[?]', [tenant, subject]);
        await em.execute('select pg_notify(?, ?)', [vaultChannel, markOf(tenant, subject)]);
      });
      forget(markOf(tenant, subject));
    },
    blindIndex: async (tenant, value) => {
      const key = await keyOf(tenant, lookUp, true);
      return createHmac('sha256', derive(key!, 'daybook look-up')).update(value).digest('base64url');
    },
    forget: () => {
      kept.clear();
      marks.clear();
      for (const one of asking) one.current = false;
    },
    close: async () => {
      erasures.close();
      await own?.close();
    },
  };
}
