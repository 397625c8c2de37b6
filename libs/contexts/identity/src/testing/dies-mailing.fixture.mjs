/* A process that answered, and dies while it sends the mail. `node --import tools/source.mjs dies-mailing.fixture.mjs URL SECRET` */
import { createPool, entityManager } from '@daybook/postgres';
import { identityEntities } from '@daybook/identity/entities';
import { Outbox } from '@daybook/identity/link/outbox';

const [url, secret] = process.argv.slice(2);
const never = new Promise(() => undefined);
const outbox = new Outbox(
  {
    em: entityManager(createPool(url, { max: 2, application: 'dies mailing' }), identityEntities),
    secret,
    logger: console,
    repeating: { every: () => undefined },
    later: { add: (_, work) => void work() },
    mail: {
      send: () => {
        process.stdout.write('sending\n');
        return never;
      },
    },
  },
  async () => null,
);
await outbox.put({ message: { to: 'kari@example.org', subject: 'Your password was changed', text: 'It was.' } });
setInterval(() => undefined, 1_000);
