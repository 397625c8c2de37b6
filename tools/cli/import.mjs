import { statSync } from 'node:fs';
import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ProblemError } from './client.mjs';
import { UsageError } from './flags.mjs';
import { note, printJson, printProblem } from './output.mjs';

const classes = ['asset', 'liability', 'equity', 'income', 'expense'];

/** `import saft FILE`: upload, dry run, then posting by one event, unless --dry-run is given. Ctrl-C cancels it. */
export function addImport(program, context) {
  const group = program.command('import').summary('Real books from a file').helpCommand(false);
  const saft = group
    .command('saft')
    .argument('<file>')
    .summary('A SAF-T Financial file (Norwegian 1.10, 1.20, 1.30)')
    .option('--dry-run', 'check the file and say what would be created; import nothing')
    .option('--opening-difference <account>', 'account that balances openings which do not sum to zero')
    .option('--company <id>', 'import into this company; default: the one the file names, else a new one')
    .option(
      '--class <account=class>',
      `class of an account for which the file says none (${classes.join(', ')})`,
      pairs,
    );
  saft.action(async (file) => {
    const flags = saft.optsWithGlobals();
    if (!statSync(file, { throwIfNoEntry: false })?.isFile()) throw new UsageError(`There is no file ${file}.`);
    const status = await run(context.client(flags), context.operation, file, flags);
    process.exitCode = status;
  });
}

function pairs(text, all = {}) {
  const [account, name] = text.split('=');
  if (!account || !classes.includes(name))
    throw new UsageError(`--class: give an account and one of ${classes.join(', ')}.`);
  return { ...all, [account]: name };
}

async function run(client, operation, file, flags) {
  note(`Uploading ${basename(file)} …`);
  const { sha256 } = await client.upload(file, basename(file));
  const started = await client.call(operation('accounting.import.start'), {
    sha256,
    name: basename(file),
    ...(flags.company ? { companyId: flags.company } : {}),
  });
  const read = (minPosition) =>
    client.call(operation('accounting.import.read'), { importId: started.id }, { minPosition });
  const cancel = async () => {
    const { companyId } = await read();
    return client.call(operation('accounting.import.cancel'), { companyId, importId: started.id });
  };
  const stop = () => {
    note('Cancelling …');
    cancel().then(
      () => process.exit(1),
      () => process.exit(1),
    );
  };
  process.once('SIGINT', stop);
  const checked = await whenRead(client, operation, read, started.position);
  process.off('SIGINT', stop);

  const rejected = rejectionOf(checked);
  if (rejected || flags.dryRun) return answer(checked, { flags, rejected, posted: false });
  const { accounts, journals, entries } = checked.report.counts;
  if (accounts.added + journals.added + entries.added === 0) {
    const { position } = await cancel();
    note('Everything in this file was imported before: nothing was added.');
    return answer(await read(position), { flags, rejected: null, posted: false });
  }
  note('Posting …');
  try {
    const { position } = await client.call(operation('accounting.import.post'), {
      companyId: checked.companyId,
      importId: checked.id,
      ...(flags.openingDifference ? { openingDifference: flags.openingDifference } : {}),
      ...(flags.class ? { classes: flags.class } : {}),
    });
    return answer(await read(position), { flags, rejected: null, posted: true });
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    return answer(checked, { flags, rejected: error.problem, posted: false });
  }
}

/** Waits for the job that reads the file, and shows its progress on standard error. */
async function whenRead(client, operation, read, position) {
  let shown = '';
  for (;;) {
    const found = await read(position);
    if (found.status !== 'reading') return found;
    const job = await client.call(operation('platform.job.read'), { jobId: found.jobId });
    const { done, total, phase } = job.progress;
    const words = phase && `${phase}${total ? ` ${Math.floor((100 * done) / total)} %` : done ? ` ${done}` : ''}`;
    if (words && words !== shown) note((shown = words));
    if (job.state === 'failed' || job.state === 'cancelled') {
      const { code, message } = job.error ?? { code: 'platform.job-cancelled', message: 'The import was cancelled.' };
      throw new ProblemError({
        type: `urn:daybook:problem:${code}`,
        title: 'Job ended',
        status: 409,
        detail: message,
        code,
      });
    }
    await sleep(250);
  }
}

/** A file that cannot be imported at all is a rejection; choices left to the caller are one only when posting. */
function rejectionOf({ status, report }) {
  const errors = report?.findings.filter(({ kind }) => kind === 'error') ?? [];
  if (status !== 'refused' && errors.length === 0) return null;
  const code = 'accounting.import-refused';
  const detail = `The file cannot be imported: ${errors[0]?.message ?? 'it was refused.'}`;
  return { type: `urn:daybook:problem:${code}`, title: 'Import refused', status: 409, detail, code };
}

function answer(found, { flags, rejected, posted }) {
  const { report } = found;
  const of = (part) =>
    Object.fromEntries(['accounts', 'entries', 'lines'].map((name) => [name, report?.counts[name][part] ?? 0]));
  const counts = { created: rejected ? { accounts: 0, entries: 0, lines: 0 } : of('added'), skipped: of('known') };
  const document = {
    job: found.jobId,
    import: found.id,
    status: found.status,
    dryRun: Boolean(flags.dryRun),
    company: { id: found.companyId, name: found.companyName },
    ...counts,
    openingDifference: report?.openingDifference ?? null,
    unclassified: report?.unclassified ?? [],
    findings: report?.findings ?? [],
  };
  if (flags.json) printJson(document);
  else printReport(document, posted);
  // Only once: a finding of the report has just been printed.
  const isPrinted = !flags.json && document.findings.some(({ message }) => rejected?.detail.endsWith(message));
  if (rejected && !isPrinted) printProblem(rejected, flags.json);
  if (!posted && !flags.json) for (const hint of hints(document, flags)) note(hint);
  return rejected ? 1 : 0;
}

/** What the caller still has to choose, by the names of the flags. */
function hints({ openingDifference, unclassified }, flags) {
  const differs = /[1-9]/.test(openingDifference ?? '') && !flags.openingDifference;
  return [
    ...(differs ? ['Name the account that balances the openings with --opening-difference <account>.'] : []),
    ...unclassified
      .filter(({ number }) => !flags.class?.[number])
      .map(({ number }) => `Give the class of account ${number} with --class ${number}=<${classes.join('|')}>.`),
  ];
}

function printReport({ company, created, skipped, findings, dryRun, import: id }, posted) {
  for (const { kind, code, message, line, account } of findings) {
    const place = [line && `line ${line}`, account && `account ${account}`].filter(Boolean).join(', ');
    process.stdout.write(`${kind.padEnd(13)} ${code}  ${message}${place ? ` (${place})` : ''}\n`);
  }
  const parts = (counts) => `${counts.accounts} accounts, ${counts.entries} entries, ${counts.lines} lines`;
  const outcome = posted ? `Created ${parts(created)}` : dryRun ? `Would create ${parts(created)}` : 'Created nothing';
  process.stdout.write(
    `${company.name ?? 'No company'} (${company.id})\n${outcome}; already imported: ${parts(skipped)}.\n`,
  );
  if (dryRun) note(`To post it: npm run -s daybook -- accounting import post --company ${company.id} --import ${id}`);
}
