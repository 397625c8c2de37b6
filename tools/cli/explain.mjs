import { checked, scalar, UsageError } from './flags.mjs';
import { csvOption, note, printJson, printTable } from './output.mjs';

/** `explain`: a figure down to its lines, or an entry down to events, person, reason and source. */
export function addExplain(program, { client, operation }) {
  const explain = program
    .command('explain')
    .summary('What a figure or an entry is made of')
    .description(
      'A figure of the trial balance: --account --column --from --to. An entry: --entry, and --line for its place in the file.',
    )
    .requiredOption('--company <id>')
    .option('--account <number>', 'an account, results, total, or class:NAME')
    .option('--column <name>', 'opening, debit, credit or closing', 'closing')
    .option('--from <date>')
    .option('--to <date>')
    .option('--entry <id>')
    .option('--line <number>')
    .option('--known-at <moment>', 'as known at an instant, a trail number or position:N')
    .addOption(csvOption("the figure's lines as CSV"));
  explain.action(async () => {
    const flags = explain.optsWithGlobals();
    if (Boolean(flags.entry) === Boolean(flags.account)) throw new UsageError('Give either --account or --entry.');
    const knownAt = flags.knownAt;
    const companyId = flags.company;
    if (flags.entry) {
      const read = operation('accounting.entry.explain');
      const line = flags.line === undefined ? undefined : scalar(flags.line, 'integer', 'line');
      const input = checked(read, { companyId, entryId: flags.entry, line });
      const answer = await wholeEntry(client(flags), read, input, knownAt);
      return flags.json ? printJson(answer) : printEntry(answer);
    }
    if (!flags.from || !flags.to) throw new UsageError('Give --from and --to.');
    const read = operation('accounting.figure.explain');
    const { account, column, from, to } = flags;
    const input = checked(read, { companyId, account, column, from, to });
    if (flags.csv) {
      return void process.stdout.write(await client(flags).call(read, input, { knownAt, csv: flags.csv }));
    }
    const figure = await whole(client(flags), read, input, knownAt);
    if (flags.json) return printJson(figure);
    note(
      `${figure.account} ${figure.name}, ${figure.column}: ${figure.amount} ${figure.currency}, ${figure.count} lines`,
    );
    printTable(figure.items, ['number', 'line', 'date', 'account', 'amount', 'description', 'entryId']);
  });
}

/** All pages, read at the same moment as the first one, so that the lines add up to the figure. */
async function whole(api, read, input, knownAt) {
  const first = await api.call(read, { ...input, limit: 200 }, { knownAt });
  const items = [...first.items];
  for (let { next } = first; next !== null;) {
    const page = await api.call(
      read,
      { ...input, limit: 200, cursor: next },
      { knownAt: knownAt ?? first.stamp.trail },
    );
    for (const item of page.items) items.push(item);
    next = page.next;
  }
  return { ...first, items, next: null };
}

/** With the events of all pages. */
async function wholeEntry(api, read, input, knownAt) {
  const first = await api.call(read, { ...input, limit: 200 }, { knownAt });
  const events = [...first.events];
  for (let { next } = first; next !== null;) {
    const page = await api.call(read, { ...input, limit: 200, cursor: next }, { knownAt });
    for (const event of page.events) events.push(event);
    next = page.next;
  }
  return { ...first, events, next: null };
}

function printEntry({ number, events, source }) {
  note(`Entry ${number}`);
  for (const { recordedAt, actor, says, channel, reason, trail, type } of events) {
    const why = reason ? `, because: ${reason}` : '';
    process.stdout.write(
      `${recordedAt}  ${actor.name ?? actor.id} ${says} (${channel}${why})  trail ${trail}  ${type}\n`,
    );
  }
  if (!source) return;
  process.stdout.write(`From ${source.file}, line ${source.line}, SHA-256 ${source.sha256}\n`);
  for (const line of source.excerpt) process.stdout.write(`${String(line.number).padStart(8)}  ${line.text}\n`);
}
