import { type CommandResult, type InputOf, isRejection, nameId, type Rejection, RejectionError } from '@daybook/kernel';
import { inSchemaScope, statement } from '@daybook/postgres';
import { personalColumnsOf, personalWithin, type Projection } from '@daybook/projections';
import type { Caller, ErasedPlace, PerformContext, Subject } from '@daybook/server';
import { sql } from 'kysely';
import { platformTenant } from '../person/person.events.js';
import { forgetPerson } from '../person/person.internal.js';
import type { Deps } from '../injected.js';
import { endSessions } from '../session/session-ending.js';
import { normalEmail } from '../session/secret-sealing.js';
import { secretTables } from './identity-data.js';
import { beginErasure, type erasePerson, eraseAlias, finishErasure } from './privacy.operations.js';
import { ranges } from './position-ranges.js';
import { namesOf, otherTenantsOf, privacyIn, aliasesOf } from './tenant-memberships.js';

/*
 * Erases a person in one tenant. Every step is idempotent, and a retry after a crash does the rest:
 *
 * 1. An event of the tenant records the start, unless a rule refuses it, and which aliases are erased too. The projection
 *    engine empties the tenant's rows.
 * 2. Each alias is erased by its own event, and its key destroyed.
 * 3. Every context deletes what it keeps in this tenant.
 * 4. If the person is a current or former member of no other tenant, the account ends: its stream, its credentials, mails
 *    about it, and its key.
 * 5. The person's key in this tenant is destroyed, and the receipt recorded. It covers this tenant's data only.
 */
export class PersonErasure {
  constructor(
    private readonly deps: Deps<
      | 'events'
      | 'files'
      | 'jobs'
      | 'em'
      | 'read'
      | 'vault'
      | 'outbox'
      | 'mail'
      | 'tenantStates'
      | 'bindings'
      | 'personalData'
    >,
  ) {}

  async erase(input: InputOf<typeof erasePerson>, asking: PerformContext): Promise<CommandResult | Rejection> {
    const { personId, reason } = input;
    const { caller } = asking;
    const { tenant } = caller;
    const known = await this.known(tenant, personId);
    const begun = await this.step(asking, caller, beginErasure, { ...input, aliases: [...known.aliases] });
    if (isRejection(begun)) return begun;
    const { aliases } = await privacyIn(this.deps, tenant, personId);
    for (const alias of aliases) {
      must(await this.step(asking, caller, eraseAlias, { subject: alias, reason }, alias));
      await this.deps.vault.erase(tenant, alias);
    }
    await endSessions(this.deps.em, asking, { personId, tenant }, 'erased');

    const subject: Subject = { tenant, personId, emails: known.emails, aliases, own: false };
    const places = await this.forget(subject);
    const positions = await this.positionsOf(subject);
    if ((await otherTenantsOf(this.deps, tenant, personId)).length === 0) await this.endAccount(personId, asking);
    await this.deps.vault.erase(tenant, personId);
    const receipt = { personId, ...ranges(positions), places: counted(places) };
    return must(await this.step(asking, caller, finishErasure, receipt));
  }

  private async known(tenant: string, personId: string) {
    const { emails, invitations } = await aliasesOf(this.deps, tenant, personId);
    const aliases = new Set<string>();
    for (const { aliases: aliasesIn } of this.deps.personalData.all) {
      if (!aliasesIn || emails.length === 0) continue;
      const found = await this.deps.read(tenant, (read) => aliasesIn(tenant, emails, read));
      for (const one of found) aliases.add(one);
    }
    return { emails, aliases: [...new Set([...aliases, ...invitations])] };
  }

  private async forget(subject: Subject): Promise<ErasedPlace[]> {
    const { tenant, personId, emails, aliases } = subject;
    const places: ErasedPlace[] = await this.rowsOf(tenant, [personId, ...aliases]);
    for (const { forget } of this.deps.personalData.all) {
      for (const place of (await forget?.(subject)) ?? []) places.push(place);
    }
    const { names } = await namesOf(this.deps, personId);
    const count = await this.deps.jobs.forget(tenant, { actorId: personId, texts: [...names, ...emails] });
    const uploads = await this.deps.files.forget(tenant, personId);
    return [...places, { place: 'jobs.job', count }, { place: 'files.upload', count: uploads }];
  }

  /** Ends the account when no other tenant has the person. */
  private async endAccount(personId: string, asking: PerformContext): Promise<void> {
    const { em, outbox, mail, vault } = this.deps;
    const { emails } = await namesOf(this.deps, personId);
    const caller = { ...asking.caller, tenant: platformTenant };
    must(await this.step(asking, caller, forgetPerson, { personId }));
    await endSessions(em, asking, { personId }, 'erased');
    await inSchemaScope(em, 'identity', async (em) => {
      for (const { table, person } of secretTables) {
        await statement(em, `delete from ${table} where ${person} = $1`, [personId]);
      }
    });
    await outbox.forget(personId, emails.map(normalEmail));
    await mail.forget(personId);
    await vault.erase(platformTenant, personId);
  }

  private async positionsOf(subject: Subject): Promise<bigint[]> {
    const found: bigint[] = [];
    for (const { streams: streamsOf } of this.deps.personalData.all) {
      if (!streamsOf) continue;
      const streams = await this.deps.read(subject.tenant, (read) => streamsOf(subject, read));
      for (const stream of new Set(streams)) {
        for (const id of [subject.personId, ...subject.aliases]) {
          for await (const position of this.deps.vault.sealedIn(stream, id)) found.push(position);
        }
      }
    }
    return found;
  }

  /** Counts the rows of read models that the engine empties, whether or not it has done so yet. */
  private rowsOf(tenant: string, ids: readonly string[]): Promise<ErasedPlace[]> {
    const projections = this.deps.bindings.contexts.flatMap((context): readonly Projection[] => context.projections);
    return this.deps.read(tenant, async (read) => {
      const places: ErasedPlace[] = [];
      for (const { name, tables } of projections) {
        for (const table of tables) {
          for (const { subject } of personalColumnsOf(table)) {
            const { rows } = await sql<{ count: number }>`
              select count(*)::int as count from ${read.rows(table).as('t')}
              where t.${sql.ref(subject)}::text = any(${[...ids]}::text[])`.execute(read.db);
            places.push({ place: `${name}.${table.name}`, count: rows[0]!.count });
          }
          if (personalWithin(table).length > 0) {
            const { rows } = await sql<{ count: number }>`
              select count(*)::int as count from ${read.rows(table).as('t')}
              where exists (select from unnest(${[...ids]}::text[]) as i (id) where strpos(t::text, i.id) > 0)`.execute(
              read.db,
            );
            places.push({ place: `${name}.${table.name}`, count: rows[0]!.count });
          }
        }
      }
      return places;
    });
  }

  /** With an id derived from the command's, so that a retry of the command repeats no step (idempotency). */
  private step<O extends Parameters<PerformContext['executeAs']>[1]>(
    { executeAs, commandId }: PerformContext,
    caller: Caller,
    operation: O,
    input: unknown,
    ...of: string[]
  ): Promise<CommandResult | Rejection> {
    const step = nameId(commandId, operation.name, caller.tenant, ...of);
    return executeAs(caller, operation, input, { commandId: step, expectedVersion: null });
  }
}

function must(outcome: CommandResult | Rejection): CommandResult {
  if (isRejection(outcome)) throw new RejectionError(outcome);
  return outcome;
}

/** One line per place, without empty ones. */
function counted(places: readonly ErasedPlace[]): ErasedPlace[] {
  const sums = new Map<string, number>();
  for (const { place, count } of places) sums.set(place, (sums.get(place) ?? 0) + count);
  return [...sums].flatMap(([place, count]) => (count > 0 ? [{ place, count }] : []));
}
