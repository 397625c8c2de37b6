/* One measurement in a process of its own: `cell.mjs ROW SIDE`, with where it is as JSON in BENCH_WHERE. Prints a line of JSON. */
import { rows } from './rows.mjs';

const [name, side] = process.argv.slice(2);
const row = rows.find((one) => one.name === name);
const measured = await row.sides[side](JSON.parse(process.env.BENCH_WHERE));
process.stdout.write(`${JSON.stringify(measured)}\n`);
process.exit(0);
