import { csvOption, note, printAnswer, printJson } from './output.mjs';

/** `projections status|rebuild NAME`: where the read models stand, and building one anew beside the live one. */
export function addProjections(program, { client, operation }) {
  const group = program.command('projections').summary('Read models: where they stand, rebuild one').helpCommand(false);
  const status = group.command('status').summary('Where each read model stands');
  status.addOption(csvOption('rows as CSV')).action(async () => {
    const flags = status.optsWithGlobals();
    const read = operation('platform.projection.list');
    const answer = await client(flags).call(read, {}, { csv: flags.csv });
    if (flags.csv) process.stdout.write(answer);
    else if (flags.json) printJson(answer);
    else printAnswer(read, answer);
  });
  const rebuild = group.command('rebuild').argument('<name>').summary('Build a read model anew beside the live one');
  rebuild.action(async (name) => {
    const flags = rebuild.optsWithGlobals();
    const answer = await client(flags).call(operation('platform.projection.rebuild'), { name });
    if (flags.json) printJson(answer);
    else note(`${name} is being rebuilt. daybook projections status shows how far it is.`);
  });
}
