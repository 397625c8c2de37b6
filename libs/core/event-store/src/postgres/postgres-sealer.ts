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

interface Wanted {
  readonly subject: string;
  readonly resolve: (key: Buffer | null) => void;
  readonly reject: (error: unknown) => void;
}
type WrappedKey = Pick<VaultKey, 'wrapped' | 'master'>;

/** SQL: MikroORM has no pairs. */
const keysOf = (em: EntityManager, of: readonly Subject[]): Promise<(WrappedKey & Subject)[]> =>
  statement<WrappedKey & Subject>(
    em,
    `select tenant, subject, wrapped, master from vault.keys
     where (tenant, subject) in (select * from unnest($1::uuid[], $2::text[]))`,
    [of.map(({ tenant }) => tenant), of.map(({ subject }) => subject)],
  );

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
  const waiting = new Map<string, Wanted[]>();
  const listeners = new Set<() => void>();
  const tell = (): void => listeners.forEach((one) => one());
  const heard = (mark: string): void => {
    forget(mark);
    tell();
  };
  const own = listener ? null : new Listener({ url, application: 'listen' });
  const erasures = new Wakeups(listener ?? own!, vaultChannel, heard, tell);
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

  /** Keys of a tenant that are asked for in one turn of the event loop are read, or made, together. */
  function keyOf(tenant: string, subject: string, make: boolean): Promise<Buffer | null> {
    const known = keptOf(bindingOf(tenant, subject), make);
    if (known !== undefined) return Promise.resolve(known);
    return new Promise((resolve, reject) => {
      const of = `${make} ${tenant}`;
      const group = waiting.get(of) ?? [];
      if (group.push({ subject, resolve, reject }) > 1) return;
      waiting.set(of, group);
      process.nextTick(() => {
        waiting.delete(of);
        void answer(tenant, group, make);
      });
    });
  }

  async function answer(tenant: string, wanted: readonly Wanted[], make: boolean): Promise<void> {
    const subjects = wanted.map(({ subject }) => ({ tenant, subject }));
    try {
      const keys = await lookUpKeys(subjects, () => rowsOf(tenant, subjects, make));
      for (const [i, { resolve }] of wanted.entries()) resolve(keys[i] ?? null);
    } catch (error) {
      // A key that does not open: who asks for just that one hears why.
      if (wanted.length > 1 && !isOutage(error)) for (const one of wanted) await answer(tenant, [one], make);
      else for (const { reject } of wanted) reject(error);
    }
  }

  /** Looks keys up and caches them. */
  async function lookUpKeys(
    subjects: readonly Subject[],
    read: () => Promise<readonly (WrappedKey & Subject)[]>,
  ): Promise<(Buffer | null)[]> {
    // Before the read: an erasure in between invalidates its result.
    const questions = subjects.map(({ tenant, subject }) => ({ mark: markOf(tenant, subject), current: true }));
    const { connections } = erasures;
    for (const question of questions) asking.add(question);
    try {
      const rows = new Map((await read()).map((row) => [bindingOf(row.tenant, row.subject), row]));
      return subjects.map(({ tenant, subject }, i) => {
        const bound = bindingOf(tenant, subject);
        const key = unwrapped(bound, rows.get(bound) ?? { wrapped: null, master: null });
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
      await lookUpKeys(group, () => inTenantScope(em, scope, (em) => keysOf(em, group)));
    } catch (error) {
      // A key that does not open: who asks for just that one hears why.
      if (isOutage(error)) throw error;
    }
  }

  const rowsOf = (tenant: string, of: readonly Subject[], make: boolean): Promise<(WrappedKey & Subject)[]> =>
    inTenantScope(em, tenant, async (em) => {
      const rows = await keysOf(em, of);
      const found = new Set(rows.map(({ subject }) => subject));
      const missing = [...new Set(of.map(({ subject }) => subject))].filter((subject) => !found.has(subject));
      if (!make || missing.length === 0) return rows;
      const { id, wrapping } = masters.current;
      // In one order everywhere: processes that make the same keys at the same time wait for each other, never in a circle.
      const made = missing.sort().map((subject) => {
        const wrapped = sealWith(wrapping, bindingOf(tenant, subject), randomBytes(32));
        return { tenant, subject, wrapped, master: id };
      });
      await em
        .createQueryBuilder(VaultKeyEntity)
        .insert(made)
        .onConflict(['tenant', 'subject'])
        .ignore()
        .execute('run');
      // Not the keys created here: another process may have been faster.
      return keysOf(em, of);
    });

  return {
    prefetch,
    prepare: async (tenant, subjects) => {
      if (erasures.listening) await Promise.all(subjects.map((subject) => keyOf(tenant, subject, true)));
    },
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
      heard(markOf(tenant, subject));
    },
    onErasure: (one) => void listeners.add(one),
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
