import { resolve } from 'node:path';
import { UsageError } from './flags.mjs';
import { csvOption, note, printAnswer, printJson } from './output.mjs';
import { rebuildFromLog } from './rebuild-from-log.mjs';
import { settings, workOnData } from './settings.mjs';

/** `projections status|rebuild NAME`: the state of the read models and processes, and rebuilding one, or all read models. */
export function addProjections(program, { client, operation }) {
  const group = program
    .command('projections')
    .summary('Read models and processes: their state, and rebuilding one')
    .helpCommand(false);
  const status = group.command('status').summary('The state of each read model and process');
  status.addOption(csvOption('rows as CSV')).action(async () => {
    const flags = status.optsWithGlobals();
    const read = operation('platform.projection.list');
    const answer = await client(flags).call(read, {}, { csv: flags.csv });
    if (flags.csv) process.stdout.write(answer);
    else if (flags.json) printJson(answer);
    else printAnswer(read, answer);
  });
  const rebuild = group
    .command('rebuild')
    .argument('[name]')
    .summary('Rebuild a read model or a process, or all read models from another log')
    .option('--yes', 'with --from-this-log: do not ask for confirmation')
    .option('--from-this-log', 'delete all read models and rebuild them from the present log (EVENTSTORE_URL)')
    .description(
      'For the operator: works on the database itself, with the settings of the programs or of the data folder, because ' +
        'read models belong to all tenants. With a name: rebuilds a read model in parallel to the live one, one at a time, or ' +
        'what a process knows, and sends nothing for it. With ' +
        '--from-this-log: for a Daybook that refuses its log because its read models were made from another one; read ' +
        'docs/operator.md first.',
    );
  workOnData(rebuild).action(async (name) => {
    const flags = rebuild.optsWithGlobals();
    if (flags.fromThisLog) {
      if (name) throw new UsageError('--from-this-log rebuilds all read models. Leave the name out.');
      return rebuildFromLog(flags);
    }
    if (!name) {
      throw new UsageError(
        'Name the read model to rebuild. To delete all of them and rebuild them from the present log, ' +
          'give --from-this-log.',
      );
    }
    await rebuildOne(name, flags);
  });
}

const refused = {
  busy: () => 'A read model is already being built; only one can be. daybook projections status shows its progress.',
  'not-found': (name) => `There is no read model or process ${name}. daybook projections status lists them.`,
};

async function rebuildOne(name, { data, json }) {
  const [{ createPool, roleUrl }, { requestRebuild }, { readConfig }] = await Promise.all([
    import('@daybook/postgres'),
    import('@daybook/projections'),
    import('@daybook/server/config'),
  ]);
  const { databaseUrl, secret } = await settings(readConfig, resolve(data));
  const pool = createPool(roleUrl(databaseUrl, 'projector', secret), { max: 1, application: 'rebuild' });
  try {
    const answer = await requestRebuild(pool, name);
    if (answer !== 'requested') {
      note(refused[answer](name));
      process.exitCode = 1;
    } else if (json) printJson({ name });
    else note(`${name} is being rebuilt. daybook projections status shows its progress.`);
  } finally {
    await pool.end();
  }
}
