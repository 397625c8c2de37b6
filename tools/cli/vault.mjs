/*
 * `vault status|rotate|reapply-erasures`: the keys of personal data and the master key that wraps them. Not an operation of the API: like
 * migrations it works on the database itself, with the configuration of the programs (docs/operator.md).
 */
import { resolve } from 'node:path';
import { UsageError } from './flags.mjs';
import { note, printJson } from './output.mjs';
import { settings, workOnData } from './settings.mjs';

export function addVault(program) {
  const group = program
    .command('vault')
    .summary('Keys of personal data: which master key wraps them, and rewrapping them')
    .description(
      'Works on the database itself: DATABASE_URL, DAYBOOK_SECRET, DAYBOOK_MASTER_KEY and DAYBOOK_MASTER_KEY_PREVIOUS, or ' +
        'the files that <NAME>_FILE names; without DATABASE_URL, those of a Daybook that runs from the data folder.',
    )
    .helpCommand(false);
  const status = group.command('status').summary('How many keys each master key wraps');
  workOnData(status).action(() => run(status, async ({ em, masters, vaultStatus }) => tell(await vaultStatus(em), masters))); // prettier-ignore
  const rotate = group.command('rotate').summary('Rewrap every key with the current master key');
  rotate.option('--batch <keys>', 'keys in one transaction', (text) => Number(text), 500);
  workOnData(rotate).action(() =>
    run(rotate, async ({ em, masters, rotateVault, vaultStatus }, { batch, json }) => {
      if (!Number.isInteger(batch) || batch < 1) throw new UsageError('--batch takes a whole number of keys.');
      const onBatch = (done) => json || note(`${done} keys rewrapped …`);
      const wrapped = await rotateVault(em, masters, { batch, onBatch });
      return { wrapped, ...tell(await vaultStatus(em), masters) };
    }),
  );
  const reapply = group
    .command('reapply-erasures')
    .summary('Destroy the keys of erased people again, after a backup was restored');
  workOnData(reapply).action(() =>
    run(reapply, async ({ em, masters, reapplyErasures, vaultStatus }) => {
      const events = Object.values(await import('@daybook/identity')).filter((one) => one?.kind === 'event');
      const destroyed = await reapplyErasures(em, events);
      return { destroyed, ...tell(await vaultStatus(em), masters) };
    }),
  );
}

async function run(command, work) {
  const flags = command.optsWithGlobals();
  const [{ createPool, entityManager, roleUrl }, { MasterKeys, vaultEntities, ...vault }, { readConfig }] =
    await Promise.all([import('@daybook/postgres'), import('@daybook/event-store'), import('@daybook/server/config')]);
  const {
    databaseUrl,
    secret,
    masterKey: key,
    masterKeyPrevious: previous,
  } = await settings(readConfig, resolve(flags.data));
  const masters = new MasterKeys({ secret, key, previous });
  const pool = createPool(roleUrl(databaseUrl, 'projector', secret), { max: 1, application: 'vault' });
  try {
    const answer = await work({ em: entityManager(pool, vaultEntities), masters, ...vault }, flags);
    if (flags.json) printJson(answer);
    else note(words(answer));
  } finally {
    await pool.end();
  }
}

const tell = (found, masters) => ({
  present: masters.current.id,
  masters: found.map(({ master, keys }) => ({ master: master ?? 'unnamed', keys })),
});

const words = ({ wrapped, destroyed, present, masters }) =>
  [
    ...(destroyed === undefined ? [] : [`${destroyed} keys of erased people had come back and were destroyed.`]),
    ...(wrapped === undefined ? [] : [`${wrapped} keys were rewrapped.`]),
    `The current master key is ${present}.`,
    ...masters.map(({ master, keys }) => `${master}: ${keys} ${keys === 1 ? 'key' : 'keys'}`),
    ...(masters.every(({ master }) => master === present) ? ['No other master key is needed.'] : []),
  ].join('\n');
