import { newId } from '@daybook/kernel';
import { mailEntities, Outbox } from '@daybook/mail';
import { mailMigrations } from '@daybook/mail/migrations';
import { createPool, entityManager, scopedTransaction } from '@daybook/postgres';
import { testDatabase } from '@daybook/postgres/testing/database';
import type { PerformContext } from '@daybook/server';
import type { Pool } from 'pg';
import { identityEntities } from '../entities.js';
import { identityMigrations } from '../migrations.js';
import { hashOfNobody, Passwords } from '../session/passwords.js';
import { emailHash } from '../session/secret-sealing.js';
import { MailLimits } from './mail-limits.js';
import { PasswordReset } from './password-reset.js';

const secret = 'a secret of more than thirty-two characters';

describe('asking for a new password', () => {
  let database: Awaited<ReturnType<typeof testDatabase>>;
  let pool: Pool;
  beforeAll(async () => {
    database = await testDatabase([...mailMigrations, ...identityMigrations]);
    pool = createPool(database.apiUrl, { max: 2, application: 'reset-spec' });
    const values = [newId(), emailHash(secret, 'kari@example.org'), hashOfNobody];
    await scopedTransaction(pool, 'identity', (client) =>
      client.query(
        'insert into identity.credentials (person_id, email_hash, password_hash) values ($1, $2, $3)',
        values,
      ),
    );
  });
  afterAll(async () => {
    await pool.end();
    await database.drop();
  });

  it('does the same work for a known address and an unknown one before it answers', async () => {
    const statements: string[] = [];
    const later: (() => Promise<void>)[] = [];
    const watched = new Proxy(pool, {
      get: (target, name) =>
        name === 'connect'
          ? async () => {
              const client = await target.connect();
              const query = client.query.bind(client) as (...given: unknown[]) => unknown;
              return Object.assign(Object.create(client) as typeof client, {
                query: (...given: unknown[]) => (statements.push(String(given[0])), query(...given)),
                release: () => client.release(),
              });
            }
          : (Reflect.get(target, name) as unknown),
    });
    const outbox = new Outbox({
      em: entityManager(watched, mailEntities),
      sealing: { seal: (clear) => clear, unseal: (sealed) => sealed },
      template: () => ({ hours: 1, compose: async () => null }),
      mail: { send: async () => undefined },
      afterResponse: { add: (_, work) => void later.push(work), stopping: new AbortController().signal },
      periodicTasks: { every: () => undefined },
      logger: { warn: () => undefined, error: () => undefined },
    });
    const rows = entityManager(watched, identityEntities);
    const [mailLimits, passwords] = [
      new MailLimits({ em: rows, secret, now: () => 0 }),
      new Passwords({ em: rows, secret }),
    ];
    const deps = { secret, outbox, mailLimits, passwords };
    const reset = new PasswordReset(deps as unknown as ConstructorParameters<typeof PasswordReset>[0]);
    const workFor = async (email: string) => {
      statements.length = 0;
      const answer = await reset.ask({ email }, { caller: { address: '192.0.2.1' } } as PerformContext);
      return { answer, statements: [...statements] };
    };
    const known = await workFor('kari@example.org');
    expect(await workFor('nobody@example.org')).toEqual(known);
    expect(known.answer).toEqual({ requested: true });
    expect(known.statements.join()).not.toContain('credentials');
    expect(later).toHaveLength(2);
  });
});
