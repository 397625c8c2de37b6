import { csvForms, csvWriter } from '@daybook/kernel';
import type { FileColumn, Row } from './columns.js';
import type { ExportFormat } from './export.operations.js';
import { xlsxContent } from './xlsx.js';

export type Pages = AsyncIterable<readonly Row[]>;
/** Figures that are text in the file, since a cell would round them: how many, by column. */
export type AsText = Record<string, number>;

interface FileFormat {
  readonly ending: string;
  readonly type: string;
  /** The file, page by page: no more than a few pages are in memory. */
  content(columns: readonly FileColumn[], pages: Pages, asText: AsText): AsyncIterable<string | Uint8Array>;
}

const csvFormat = (form: keyof typeof csvForms): FileFormat => ({
  ending: 'csv',
  type: 'text/csv; charset=utf-8; header=present',
  async *content(columns, pages) {
    const { header, lines } = csvWriter(columns, csvForms[form]);
    yield header;
    for await (const rows of pages) yield lines(rows);
  },
});

/** One row a line, with the values that the API answers. */
async function* jsonContent(_: readonly FileColumn[], pages: Pages): AsyncIterable<string> {
  let before = '[\n';
  for await (const rows of pages) {
    if (rows.length === 0) continue;
    yield before + rows.map((row) => JSON.stringify(row)).join(',\n');
    before = ',\n';
  }
  yield before === '[\n' ? '[]\n' : '\n]\n';
}

export const fileFormats: Readonly<Record<ExportFormat, FileFormat>> = {
  csv: csvFormat('plain'),
  'csv-excel': csvFormat('excel'),
  json: { ending: 'json', type: 'application/json; charset=utf-8', content: jsonContent },
  xlsx: {
    ending: 'xlsx',
    type: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
    content: xlsxContent,
  },
};
