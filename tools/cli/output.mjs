/* Output: one JSON document, or a table for people. Everything else goes to standard error. */
import { Option } from 'commander';

/** `--csv`, or `--csv excel` for a double click in an Excel with a decimal comma. */
export const csvOption = (words) => new Option('--csv [form]', words).choices(['plain', 'excel']).preset('plain');

export const note = (line) => process.stderr.write(`${line}\n`);

export function printJson(value) {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}

/** A value in one line of text: tables are for people, --json for programs. */
const shown = (value) => {
  if (value === null || value === undefined) return '';
  if (typeof value !== 'object') return String(value);
  if (Array.isArray(value)) return value.map(shown).join('; ');
  const parts = Object.entries(value).map(([name, part]) => [name, shown(part)]);
  return parts.flatMap(([name, words]) => (words === '' ? [] : `${name} ${words}`)).join(', ');
};
const isNumber = (text) => /^-?\d+(\.\d+)?$/.test(text);

export function printTable(rows, columns = [...new Set(rows.flatMap((row) => Object.keys(row)))]) {
  if (rows.length === 0) return note('No rows.');
  const cells = rows.map((row) => columns.map((column) => shown(row[column]).slice(0, 60)));
  const widths = columns.map((column, i) =>
    cells.reduce((most, line) => Math.max(most, line[i].length), column.length),
  );
  const right = columns.map((_, i) => cells.every((line) => line[i] === '' || isNumber(line[i])));
  const line = (texts) =>
    texts
      .map((text, i) => (right[i] ? text.padStart(widths[i]) : text.padEnd(widths[i])))
      .join('  ')
      .trimEnd();
  process.stdout.write(
    `${[line(columns), line(widths.map((width) => '─'.repeat(width))), ...cells.map(line)].join('\n')}\n`,
  );
}

/** An answer for people: rows as a table, a command's result in a line, a record field by field. */
export function printAnswer(operation, answer) {
  if (operation.kind === 'command' && typeof answer?.position === 'string') {
    process.stdout.write(
      `${operation.title}: done. id ${answer.id}, version ${answer.version}, position ${answer.position}\n`,
    );
  } else if (operation.kind === 'query' && operation.rows) {
    printTable(answer[operation.rows]);
    if (answer.next) note(`There are more: --cursor ${answer.next}`);
  } else {
    for (const [name, value] of Object.entries(answer ?? {})) process.stdout.write(`${name}: ${shown(value)}\n`);
  }
}

/** The problem document on standard error: whole with --json, in words otherwise. */
export function printProblem(problem, json) {
  if (json) return note(JSON.stringify(problem, null, 2));
  note(`${problem.detail} (${problem.code})`);
  for (const { pointer, message } of problem.errors ?? []) note(`  ${pointer}: ${message}`);
}
