import { checked } from './flags.mjs';
import { csvOption, note, printJson, printTable } from './output.mjs';

const columns = ['account', 'name', 'opening', 'debit', 'credit', 'closing'];

/** `report trial-balance`: decimal point, debit positive, ordered by account. */
export function addReport(program, { client, operation }) {
  const group = program.command('report').summary('Reports for people and spreadsheets').helpCommand(false);
  const report = group
    .command('trial-balance')
    .summary('Opening, movement and closing of each account')
    .requiredOption('--company <id>')
    .requiredOption('--from <date>')
    .requiredOption('--to <date>')
    .option('--known-at <moment>', 'as known at an instant, a trail number or position:N')
    .addOption(csvOption(columns.join(',')));
  report.action(async () => {
    const flags = report.optsWithGlobals();
    const read = operation('accounting.trial-balance.read');
    const input = checked(read, { companyId: flags.company, from: flags.from, to: flags.to });
    const answer = await client(flags).call(read, input, { knownAt: flags.knownAt });
    if (flags.json) return printJson(answer);
    if (flags.csv) return void process.stdout.write(await csvOfRows(answer.rows, flags.csv));
    const { company, stamp, totals, notices } = answer;
    note(`${company.name}, ${company.currency}, ${answer.from} to ${answer.to}, as known at trail ${stamp.trail}`);
    printTable([...answer.rows, { account: '', name: 'Total', ...totals }], columns);
    for (const { message } of notices) note(message);
  });
}

/** Plain with the line ends of a shell. */
async function csvOfRows(rows, formName) {
  const { csvForms, csvOf } = await import('@daybook/kernel');
  const form = formName === 'plain' ? { ...csvForms.plain, lineEnd: '\n' } : csvForms[formName];
  return csvOf(
    columns.map((name) => ({ name, isDecimal: !['account', 'name'].includes(name) })),
    rows,
    form,
  );
}
