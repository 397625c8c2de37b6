import { createPool } from '@daybook/postgres';
import { testDatabase, type TestDatabase } from '@daybook/postgres/testing/database';
import type { Pool } from 'pg';
import { type EngineOptions, ProjectionEngine } from '../engine.js';
import { projectionMigrations } from '../migrations.js';
import type { Projection } from '../projection.js';
import { quoted } from '../rows.js';
import { EventLog, plainCatalogue } from './event-log.js';
import { noteEvents, notesProjection, trailProjection } from './notes.js';

/** A database, an event log and engines over them. */
export interface Bench {
  readonly database: TestDatabase;
  readonly pool: Pool;
  readonly log: EventLog;
  engine(options?: Partial<EngineOptions>): ProjectionEngine;
  /** Schema of the live generation. */
  live(name: string): Promise<string>;
  /** All rows of all tables of a schema, in a fixed order. */
  dump(schema: string): Promise<string[]>;
  end(): Promise<void>;
}

export async function openBench(
  projections: readonly Projection[] = [notesProjection, trailProjection],
): Promise<Bench> {
  const database = await testDatabase(projectionMigrations);
  const pool = createPool(database.projectorUrl, { max: 6, application: 'projections spec' });
  const log = new EventLog();
  const engines: ProjectionEngine[] = [];
  return {
    database,
    pool,
    log,
    engine: (options = {}) => {
      const deps = { pool, store: log, catalogue: plainCatalogue(noteEvents), projections, pauseMs: 20 };
      const engine = new ProjectionEngine({ ...deps, ...options });
      engines.push(engine);
      return engine;
    },
    live: async (name) => {
      const { rows } = await pool.query<{ schema: string }>(
        `select schema from projections.generation where name = $1 and status = 'live'`,
        [name],
      );
      return rows[0]!.schema;
    },
    dump: (schema) => dump(pool, schema),
    end: async () => {
      await Promise.all(engines.map((engine) => engine.stop()));
      await pool.end();
      await database.drop();
    },
  };
}

async function dump(pool: Pool, schema: string): Promise<string[]> {
  const { rows: tables } = await pool.query<{ name: string }>(
    `select relname as name from pg_class where relnamespace = to_regnamespace($1) and relkind = 'r' order by 1`,
    [schema],
  );
  const all: string[] = [];
  for (const { name } of tables) {
    const { rows } = await pool.query<{ row: string }>(
      `select t::text as row from ${quoted(schema)}.${quoted(name)} t order by t::text collate "C"`,
    );
    all.push(...rows.map(({ row }) => `${name} ${row}`));
  }
  return all;
}
