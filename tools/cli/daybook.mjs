/* `npm run -s daybook -- COMMAND`: exit status 0 done, 1 rejected, 2 wrong usage. */
import { Command, CommanderError } from 'commander';
import { fileURLToPath } from 'node:url';
import manifest from '../../package.json' with { type: 'json' };
import { build } from '../start/build.mjs';
import { Client, ProblemError } from './client.mjs';
import { askSecondFactor, credentialsFrom } from './credentials.mjs';
import { addExplain } from './explain.mjs';
import { addFlags, inputOf, UsageError } from './flags.mjs';
import { addImport } from './import.mjs';
import { note, printAnswer, printJson, printProblem } from './output.mjs';
import { addProjections } from './projections.mjs';
import { addReport } from './report.mjs';
import { addVault } from './vault.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');
const runsFromSource = process.execArgv.some((argument) => argument.endsWith('tools/source.mjs'));
const wantsJson = process.argv.includes('--json');

/** `accounting.entry.post` becomes `daybook accounting entry post`. */
function addOperation(program, operation, groups, context) {
  const words = operation.name.split('.');
  let parent = program;
  for (const [i, word] of words.slice(0, -1).entries()) {
    const path = words.slice(0, i + 1).join('.');
    if (!groups.has(path))
      groups.set(
        path,
        parent
          .command(word)
          .summary(`Operations of ${path.replaceAll('.', ' ')}`)
          .helpCommand(false),
      );
    parent = groups.get(path);
  }
  const command = parent.command(words.at(-1)).summary(operation.title);
  command.description([`${operation.title}.`, operation.description].filter(Boolean).join('\n\n'));
  addFlags(command, operation);
  command.action(async () => {
    const flags = command.optsWithGlobals();
    const client = context.client(flags);
    const answer = await client.call(operation, inputOf(operation, flags), {
      key: flags.idempotencyKey,
      reason: flags.reason,
      version: flags.ifVersion,
      knownAt: flags.knownAt,
      minPosition: flags.minPosition,
      csv: flags.csv,
    });
    if (flags.csv) process.stdout.write(answer);
    else if (flags.json) printJson(answer);
    else printAnswer(operation, answer);
  });
}

function listOf(operations) {
  const names = [...operations.keys()].sort();
  const width = names.reduce((most, name) => Math.max(most, name.length), 0);
  const lines = names.map((name) => `  ${name.replaceAll('.', ' ').padEnd(width)}  ${operations.get(name).title}`);
  return `\nOperations, each with its own --help:\n${lines.join('\n')}\n`;
}

async function main() {
  if (!runsFromSource) await build(root, note, 'libs');
  const { loadOperations } = await import('./operations.mjs');
  const operations = await loadOperations();
  const program = new Command('daybook')
    .description('Daybook on the command line: a thin client of its REST API.')
    .version(manifest.version, '--version', 'print the version')
    .option('--url <address>', 'of the server (DAYBOOK_URL)', process.env.DAYBOOK_URL || 'http://localhost:3000')
    .option('--json', 'print one JSON document and nothing else')
    .option('--tenant <id>', 'sign in to this tenant (DAYBOOK_TENANT)', process.env.DAYBOOK_TENANT)
    .showHelpAfterError('Add --help to see what is possible.')
    .helpCommand(false)
    .configureHelp({ showGlobalOptions: true })
    .addHelpText(
      'after',
      () => `${listOf(operations)}
Signing in: DAYBOOK_TOKEN (an API key), or DAYBOOK_EMAIL and DAYBOOK_PASSWORD, or a prompt. A second factor is asked for
on the terminal; programs use an API key instead.
Exit status: 0 done, 1 rejected (the problem on standard error), 2 wrong usage.`,
    );
  const context = {
    operations,
    operation: (name) => {
      const found = operations.get(name);
      if (!found) throw new Error(`This build has no operation ${name}.`);
      return found;
    },
    client: (flags) =>
      new Client({
        url: flags.url,
        token: process.env.DAYBOOK_TOKEN || null,
        credentials: credentialsFrom(process.env, flags),
        secondFactor: askSecondFactor,
      }),
  };
  addImport(program, context);
  addReport(program, context);
  addExplain(program, context);
  addProjections(program, context);
  addVault(program);
  const groups = new Map();
  for (const name of [...operations.keys()].sort()) addOperation(program, operations.get(name), groups, context);
  // Commander prints usage errors itself; it must not end the process before they are written.
  const quiet = (command) => {
    command.exitOverride();
    for (const sub of command.commands) quiet(sub);
  };
  quiet(program);
  await program.parseAsync(process.argv);
}

try {
  await main();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else if (error instanceof UsageError) {
    note(error.message);
    process.exitCode = 2;
  } else if (error instanceof ProblemError) {
    printProblem(error.problem, wantsJson);
    process.exitCode = 1;
  } else {
    // Errors that the user can fix are one sentence; all others show their stack.
    const { databaseErrorMessage } = await import('@daybook/postgres/database-error-message');
    const sentences = ['DatabaseStartError', 'DataFormatError', 'StartError', 'StoreUnavailable', 'VaultLocked'];
    note(sentences.includes(error.name) ? error.message : (databaseErrorMessage(error) ?? error.stack));
    process.exitCode = 1;
  }
}
