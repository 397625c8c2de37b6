/* A process that answered, and dies while it sends the mail. `node --import tools/source.mjs dies-mailing.fixture.mjs URL` */
import { createPool, entityManager } from '@daybook/postgres';
import { mailEntities, Outbox } from '@daybook/mail';

const [url] = process.argv.slice(2);
const never = new Promise(() => undefined);
const outbox = new Outbox({
  em: entityManager(createPool(url, { max: 2, application: 'dies mailing' }), mailEntities),
  sealing: { seal: (clear) => clear.reverse(), unseal: (sealed) => sealed.reverse() },
  template: () => ({ hours: 1, compose: async () => null }),
  logger: console,
  periodicTasks: { every: () => undefined },
  afterResponse: { add: (_, work) => void work(), stopping: new AbortController().signal },
  mail: {
    send: () => {
      process.stdout.write('sending\n');
      return never;
    },
  },
});
await outbox.put({ message: { to: 'kari@example.org', subject: 'Your password was changed', text: 'It was.' } });
setInterval(() => undefined, 1_000);
