import type { Type } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { IdentitySetUp } from '@daybook/identity/set-up';
import {
  Authenticator,
  ENTITY_MANAGER,
  EVENT_CATALOGUE,
  FILES,
  JOBS,
  LOGGER,
  POOL,
  RAW_EVENT_STORE,
  READS,
  SEALER,
  StateCache,
  type Token,
} from '@daybook/server';
import { CommandExecutor } from '@daybook/server/command/command-executor';
import { Bindings } from '@daybook/server/dispatch/bindings';
import { JobCommands } from '@daybook/server/nest/job-commands';
import { PersonalDataSources } from '@daybook/server/nest/personal-data-sources';

/** Internals of a product process that specs inspect, beyond its responses. */
export function internalsOf(app: NestFastifyApplication) {
  const get = <T>(one: Token<T> | (abstract new (...args: never[]) => T)): T =>
    app.get<T>(one as Type<T>, { strict: false });
  return {
    app,
    pool: get(POOL),
    em: get(ENTITY_MANAGER),
    store: get(RAW_EVENT_STORE),
    catalogue: get(EVENT_CATALOGUE),
    reads: get(READS),
    jobs: get(JOBS),
    files: get(FILES),
    sealer: get(SEALER),
    personalData: get(PersonalDataSources),
    logger: get(LOGGER),
    bindings: get(Bindings),
    commands: get(CommandExecutor),
    states: get(StateCache),
    /** Sends commands on behalf of anybody, as jobs do. */
    jobCommands: get(JobCommands),
    authenticator: get(Authenticator),
    identitySetUp: get(IdentitySetUp),
    close: () => app.close(),
  };
}
export type AppInternals = ReturnType<typeof internalsOf>;
