import { createHash, createHmac, randomBytes } from 'node:crypto';
import { inTenantScope, isOutage, Listener, statement } from '@daybook/postgres';
import type { EntityManager } from '@mikro-orm/postgresql';
import { bindingOf, derive, openWith, sealWith } from '../seal.js';
import { type Sealer, type Subject, SubjectErasedError } from '../sealer.js';
import type { MasterKeys } from './master-keys.js';
import { type VaultKey, VaultKeyEntity } from './vault-key.entity.js';
import { Wakeups } from './wakeups.js';

/** A cached key is read again after this time. */
const keptMs = 60_000;
const keptKeys = 10_000;

/** Used instead of a subject: the key of hashes for look-up. */
const lookUp = 'look-up';

/** Notified after each erasure with the mark of the subject, so that every process drops the key from its cache. */
export const vaultChannel = 'daybook_vault';
/** A hash of the subject, so that notifications do not reveal whose key was destroyed. */
export const markOf = (tenant: string, subject: string): string =>
  createHash('sha256').update(bindingOf(tenant, subject)).digest('base64url');

export interface PostgresSealerOptions {
  readonly em: EntityManager;
  /** Login URL, for notifications about keys that other processes destroy. */
  readonly url: string;
  readonly masters: MasterKeys;
  /** A shared listener for them; default: one of its own. */
  readonly listener?: Listener;
  /** The login reads keys of all tenants at once (the projector). */
  readonly seesAllTenants?: boolean;
}

type WrappedKey = Pick<VaultKey, 'wrapped' | 'master'>;

export interface PostgresSealer extends Sealer {
  /** Clears the cache: the vault may have been restored together with the log. */
  forget(): void;
  close(): Promise<void>;
}

/**
 * One random key per subject in `vault.keys`, wrapped with a master key: without it, neither the log, nor the table, nor a backup
 * of both reveals anything. Keys are cached only while this process is notified of erasures; each notification drops that
 * subject's key.
 */
export function postgresSealer({
  em,
  url,
  masters,
  listener,
  seesAllTenants = false,
}: PostgresSealerOptions): PostgresSealer {
  const kept = new Map<string, { key: Buffer | null; until: number; connection: number }>();
  const marks = new Map<string, string>();
  /** Look-ups in progress: their results are discarded if the subject was erased, or the vault replaced, meanwhile. */
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
    const known = keptOf(bindingOf(tenant, subject), make);
    if (known !== undefined) return known;
    const [key] = await lookUpKeys([{ tenant, subject }], async () => [await rowOf(tenant, subject, make)]);
    return key ?? null;
  }

  /** Looks keys up and caches them. */
  async function lookUpKeys(
    subjects: readonly Subject[],
    rowsOf: () => Promise<readonly (WrappedKey | null | undefined)[]>,
  ): Promise<(Buffer | null)[]> {
    // Before the read: an erasure in between invalidates its result.
    const questions = subjects.map(({ tenant, subject }) => ({ mark: markOf(tenant, subject), current: true }));
    const { connections } = erasures;
    for (const question of questions) asking.add(question);
    try {
      const rows = await rowsOf();
      return subjects.map(({ tenant, subject }, i) => {
        const bound = bindingOf(tenant, subject);
        const key = unwrapped(bound, rows[i] ?? { wrapped: null, master: null });
        if (questions[i]!.current) keep(bound, questions[i]!.mark, key, connections);
        return key;
      });
    } finally {
      for (const question of questions) asking.delete(question);
    }
  }

  const unwrapped = (bound: string, { wrapped, master }: WrappedKey): Buffer | null =>
    wrapped ? openWith(masters.of(master ?? null).wrapping, bound, wrapped) : null;

  async function prefetch(subjects: readonly Subject[]): Promise<void> {
    const wanted = new Map(subjects.map((one) => [bindingOf(one.tenant, one.subject), one]));
    const unknown = [...wanted].flatMap(([bound, one]) => (keptOf(bound, false) === undefined ? [one] : []));
    if (unknown.length < 2 || !erasures.listening) return;
    const groups = seesAllTenants ? [unknown] : Map.groupBy(unknown, ({ tenant }) => tenant).values();
    for (const group of groups) await fetchAll(seesAllTenants ? null : group[0]!.tenant, group);
  }

  async function fetchAll(scope: string | null, group: readonly Subject[]): Promise<void> {
    try {
      await lookUpKeys(group, async () => {
        const rows = await keysOf(scope, group);
        const found = new Map(rows.map((row) => [bindingOf(row.tenant, row.subject), row]));
        return group.map(({ tenant, subject }) => found.get(bindingOf(tenant, subject)));
      });
    } catch (error) {
      // A key that does not open: who asks for just that one hears why.
      if (isOutage(error)) throw error;
    }
  }

  /** SQL: MikroORM has no pairs. */
  const keysOf = (scope: string | null, of: readonly Subject[]): Promise<(WrappedKey & Subject)[]> =>
    inTenantScope(em, scope, (em) =>
      statement<WrappedKey & Subject>(
        em,
        `select tenant, subject, wrapped, master from vault.keys
         where (tenant, subject) in (select * from unnest($1::uuid[], $2::text[]))`,
        [of.map(({ tenant }) => tenant), of.map(({ subject }) => subject)],
      ),
    );

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
      // Not the key created here: another process may have been faster.
      return em.findOne(VaultKeyEntity, { tenant, subject });
    });

  return {
    prefetch,
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
