import versions from '../data-formats.json' with { type: 'json' };

/*
 * The format of the data: what events, tables and files of a version look like (docs/adr/0049). It is stored in
 * `daybook.json`, in the database and with the identity of the log, and checked before anything is written there.
 * `data-formats.json` maps each format to the version of Daybook that introduced it; the start script reads that file too,
 * before anything is built.
 */
const introducedBy: Readonly<Record<string, string>> = versions;

/** The format that this program reads and writes. Raise it when a stored event of a released version changes. */
export const dataFormat = Number(Object.keys(introducedBy).at(-1));

/** The environment variable that says where the data is. */
export type DataPlace = 'DATABASE_URL' | 'EVENTSTORE_URL';
const what: Readonly<Record<DataPlace, { data: string; another: string }>> = {
  DATABASE_URL: { data: 'The data at DATABASE_URL', another: 'another database' },
  EVENTSTORE_URL: { data: 'The event log at EVENTSTORE_URL', another: 'another event store' },
};

/** The data has a format that this program cannot read. Nothing was changed; the message says what to do. */
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
        : `${data} was written by Daybook ${introducedBy[found]}, which this version cannot read. Set ${place} to ${another}; ` +
            'import your SAF-T files again.',
    );
  }
}

export function requireFormat(place: DataPlace, found: number): void {
  if (found !== dataFormat) throw new DataFormatError(place, found);
}
