import { cpus, loadavg, release, totalmem } from 'node:os';
import { connectTo } from '@daybook/postgres';
import { format, resolveConfig } from 'prettier';
import { pgbenchVersion } from './against.mjs';
import { median } from './measure.mjs';

const of = ({ row, cells }) => {
  const value = (cell) =>
    row.measure === 'rate' ? (cell.operations * (row.perOperation ?? 1)) / cell.seconds : cell.p50;
  const cpu = (cell, who) =>
    cell.cpu[who] === null ? NaN : (cell.cpu[who] * 1e6) / cell.operations / (row.perOperation ?? 1);
  const side = (name) => ({
    values: cells[name].map(value),
    client: median(cells[name].map((one) => cpu(one, 'client'))),
    server: median(cells[name].map((one) => cpu(one, 'server'))),
  });
  const [ours, against] = [side('ours'), side('against')];
  return { ours, against, ratio: median(ours.values) / median(against.values) };
};

const rounded = (value) => (value >= 100 ? value.toFixed(0) : value.toPrecision(3));
const spread = (values) => {
  const sorted = [...values].sort((a, b) => a - b);
  return `${rounded(median(values))} (${rounded(sorted[0])}–${rounded(sorted.at(-1))})`;
};
const cpuText = ({ client, server }) => (Number.isNaN(client) ? '–' : `${client.toFixed(0)} + ${server.toFixed(0)} µs`);
/** The ratio is wanted above `must` for rates, and below it for times. */
const isMet = ({ measure, must }, ratio) => (measure === 'rate' ? ratio >= must : ratio <= must);

/** Says who sent the statement. */
const denominatorOf = ({ denominator }) =>
  pgbenchVersion() === null ? denominator.replace('pgbench', 'our own client') : denominator;

export function lineOf(result) {
  const { ours, against, ratio } = of(result);
  return `${result.row.title}: ${spread(ours.values)} ${result.row.unit} against ${spread(against.values)}, ratio ${ratio.toFixed(2)}`;
}

export function table(results) {
  const lines = results.map((result) => {
    const { row } = result;
    const { ours, against, ratio } = of(result);
    const goal = `${row.must} (${row.aim})`;
    return `| ${[row.title, `${spread(ours.values)} ${row.unit}`, cpuText(ours), denominatorOf(row), spread(against.values), cpuText(against), `${ratio.toFixed(2)}${isMet(row, ratio) ? '' : ' (missed)'}`, goal].join(' | ')} |`;
  });
  return [
    '| row | product | its CPU | denominator | its value | its CPU | ratio | must reach (aim) |',
    '|---|---|---|---|---|---|---|---|',
    ...lines,
  ].join('\n');
}

/** The text of docs/benchmarks.md. */
export async function document(results, url, { repetitions, seconds }) {
  const client = await connectTo(url, { application: 'bench' });
  const { rows } = await client.query('show server_version');
  await client.end();
  const [{ model }] = cpus();
  const text = `# Benchmarks

Written by \`npm run bench -- --write\`. Medians of ${repetitions} measurements of ${seconds} s each, with the lowest and the highest; the product and its
denominator run in turn on the same server, each measurement in a process of its own. CPU is that of one event: of the client, and of
all processes of PostgreSQL. Only ratios can be compared between machines. The denominators are in \`tools/bench/against/\`.

Machine: ${cpus().length} × ${model}, ${(totalmem() / 2 ** 30).toFixed(0)} GiB, Linux ${release()}; load at the end ${loadavg()[0].toFixed(1)}.
Versions: Node.js ${process.versions.node}, PostgreSQL ${rows[0].server_version} (fsync on), ${pgbenchVersion() ?? 'no pgbench: our own client runs the same SQL'}.

${table(results)}

One append in flight is bound by round trips: the function takes some 130 µs more than a bare INSERT (35 for the checked and compared
arguments, 30 to ask for head, revision and known ids, 15 for the turn, the rest for deciding and the notification), and a client in
Node.js some 50 µs more than \`pgbench\`.
`;
  return format(text, { ...(await resolveConfig(import.meta.filename)), parser: 'markdown' });
}
