import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { TestApp } from './app.js';

/* Processes of their own on the data of a product, which are killed (SIGKILL) at a place that they are told. */
const file = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export interface Doomed {
  readonly child: ChildProcess;
  /** What ended it: a code of its own, or a signal. */
  readonly ended: Promise<[code: number | null, signal: NodeJS.Signals | null]>;
}

/** `place`: as the fixture counts it, or its word for a run that is not killed. */
export function startDoomed({ config }: TestApp, fixture: 'importer' | 'projector', place: number | string): Doomed {
  const child = spawn(
    process.execPath,
    ['--import', file('../../../tools/source.mjs'), file(`${fixture}.fixture.mjs`), String(place)],
    {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: {
        PATH: process.env['PATH'],
        NODE_ENV: 'test',
        DATABASE_URL: config.databaseUrl,
        DAYBOOK_SECRET: config.secret,
        DAYBOOK_DATA: config.dataDir,
        DAYBOOK_PORT: '0',
      },
    },
  );
  return { child, ended: once(child, 'exit') as Doomed['ended'] };
}

/** Runs a projector until it is killed at that place, or has nothing left to do. */
export async function project(app: TestApp, place: number | 'rebuild'): Promise<'killed' | 'idle'> {
  const [code, signal] = await startDoomed(app, 'projector', place).ended;
  if (signal === 'SIGKILL') return 'killed';
  if (code !== 0) throw new Error(`The projector that was to be killed at ${place} ended with ${code ?? signal}.`);
  return 'idle';
}
