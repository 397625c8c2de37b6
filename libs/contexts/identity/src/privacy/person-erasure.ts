import type { CommandResult, Rejection } from '@daybook/kernel';
import { inSchemaScope, statement } from '@daybook/postgres';
import { personalColumnsOf, personalWithin, type Projection } from '@daybook/projections';
import type { ErasedPlace, PerformContext, Subject } from '@daybook/server';
import { sql } from 'kysely';
import { platformTenant } from '../person/person.events.js';
import { forgetPerson } from '../person/person.internal.js';
import type { Deps } from '../injected.js';
import { runForPerson } from '../session/internal-commands.js';
import { endSessions } from '../session/session-ending.js';
import { normalEmail } from '../session/secret-sealing.js';
import { secretTables } from './identity-data.js';
import { finishErasure } from './privacy.internal.js';
import { ranges } from './position-ranges.js';
import { aliasesOf, namesOf, otherTenantsOf, privacyIn } from './tenant-memberships.js';

/* What erasing a person takes besides events. Its process repeats it until it is done, so every step is idempotent. */
export class PersonErasure {
  constructor(
    private readonly deps: Deps<
      | 'events'
      | 'files'
      | 'jobs'
      | 'em'
      | 'sessionRows'
      | 'read'
      | 'vault'
      | 'outbox'
      | 'mail'
      | 'tenantStates'
      | 'bindings'
      | 'personalData'
    >,
  ) {}

  /** Aliases of a person in a tenant: ids under which data was sealed before the person was known. */
  async aliasesOf(tenant: string, personId: string): Promise<string[]> {
    const { emails, invitations } = await aliasesOf(this.deps, tenant, personId);
    const aliases = new Set<string>();
    for (const { aliases: aliasesIn } of this.deps.personalData.all) {
      if (!aliasesIn || emails.length === 0) continue;
      for (const one of await this.deps.read(tenant, (read) => aliasesIn(tenant, emails, read))) aliases.add(one);
    }
    return [...new Set([...aliases, ...invitations])];
  }

  /**
   * Ends the person's sessions, deletes what every context keeps in this tenant, and destroys their key here. If they are a
   * current or former member of no other tenant, the account ends too. The receipt covers this tenant's data only.
   */
  async eraseKept(personId: string, asking: PerformContext): Promise<CommandResult | Rejection> {
    const { tenant } = asking.caller;
    const { status, aliases, version } = await privacyIn(this.deps, tenant, personId);
    // By an earlier try, which had more to delete, and told.
    if (status === 'finished') return { id: personId, version, position: '0' };
    const { names, emails } = await namesOf(this.deps, personId);
    await endSessions(this.deps.sessionRows, asking, { personId, tenant }, 'erased');
    const subject: Subject = { tenant, personId, emails, aliases, own: false };
    const places = counted(await this.forget(subject, [...names, ...emails]));
    const positions = await this.positionsOf(subject);
    if ((await otherTenantsOf(this.deps, tenant, personId)).length === 0) await this.endAccount(subject, asking);
    await this.deps.vault.erase(tenant, personId);
    return asking.execute(finishErasure, { personId, ...ranges(positions), places });
  }

  private async forget(subject: Subject, texts: readonly string[]): Promise<ErasedPlace[]> {
    const { tenant, personId, aliases } = subject;
    const places: ErasedPlace[] = await this.rowsOf(tenant, [personId, ...aliases]);
    for (const { forget } of this.deps.personalData.all) {
      for (const place of (await forget?.(subject)) ?? []) places.push(place);
    }
    const count = await this.deps.jobs.forget(tenant, { actorId: personId, texts });
    const uploads = await this.deps.files.forget(tenant, personId);
    return [...places, { place: 'jobs.job', count }, { place: 'files.upload', count: uploads }];
  }

  /** The stream of the person, their credentials, mails about them, and their key. */
  private async endAccount({ personId, emails }: Subject, asking: PerformContext): Promise<void> {
    const { em, sessionRows, outbox, mail, vault } = this.deps;
    await runForPerson(asking, personId, forgetPerson, { personId });
    await endSessions(sessionRows, asking, { personId }, 'erased');
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
}

/** One line per place, without empty ones. */
function counted(places: readonly ErasedPlace[]): ErasedPlace[] {
  const sums = new Map<string, number>();
  for (const { place, count } of places) sums.set(place, (sums.get(place) ?? 0) + count);
  return [...sums].flatMap(([place, count]) => (count > 0 ? [{ place, count }] : []));
}
