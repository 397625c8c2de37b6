import versions from '../data-formats.json' with { type: 'json' };

/*
 * The format of the data: what events, tables and files of one version look like (docs/adr/0049). It stands in `daybook.json`,
 * in the database and with the identity of the log, and is compared before anything is written there. `data-formats.json`
 * names the version of Daybook that began each one; the start script reads it too, before anything is built.
 */
const begunBy: Readonly<Record<string, string>> = versions;

/** What this program reads and writes. Whoever changes a stored event of a released version raises it. */
export const dataFormat = Number(Object.keys(begunBy).at(-1));

/** The variable that says where the data is. */
export type DataPlace = 'DATABASE_URL' | 'EVENTSTORE_URL';
const what: Readonly<Record<DataPlace, { data: string; another: string }>> = {
  DATABASE_URL: { data: 'The data at DATABASE_URL', another: 'another database' },
  EVENTSTORE_URL: { data: 'The event log at EVENTSTORE_URL', another: 'another event store' },
};

/** Data of a version that this program cannot read. Nothing there was changed; the message says the way out. */
export class DataFormatError extends Error {
  override readonly name = 'DataFormatError';
  constructor(
    readonly place: DataPlace,
    readonly found: number,
  ) {
    const { data, another } = what[place];
    super(
      found > dataFormat
        ? `${data} was written by a newer Daybook, which this version cannot read. Use that one, or set ${place} to ${another}.`
        : `${data} was written by Daybook ${begunBy[found]}, which this version cannot read. Set ${place} to ${another}; ` +
            'import your SAF-T files again.',
    );
  }
}

export function requireFormat(place: DataPlace, found: number): void {
  if (found !== dataFormat) throw new DataFormatError(place, found);
}
