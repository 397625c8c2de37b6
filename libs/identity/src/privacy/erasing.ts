import { type CommandResult, type InputOf, isRejection, nameId, type Rejection, RejectionError } from '@daybook/kernel';
import { personalColumnsOf, personalWithin, type Projection } from '@daybook/projections';
import type { Caller, Context, ErasedPlace, PerformContext, Subject } from '@daybook/server';
import { sql } from 'kysely';
import { personStream } from '../person/erased.js';
import { platformTenant } from '../person/person.events.js';
import { forgetPerson } from '../person/person.operations.js';
import type { IdentityParts } from '../room.js';
import { endSessions } from '../session/ending.js';
import { beginErasure, type erasePerson, finishErasure } from './privacy.operations.js';
import { ranges } from './ranges.js';
import { namesOf, tenantsOf } from './whereabouts.js';

/*
 * Erases a person, step by step; each may be repeated, and a repeat after a crash does what is left:
 *
 * 1. The tenant's own event says that it has begun (and is refused by any rule there is); other tenants he once worked in
 *    get theirs from the program. The engine empties their rows.
 * 2. The person's stream ends with `identity.person-erased`; the engine empties his rows there.
 * 3. Every context deletes what it keeps: that may need his address, so it comes before
 * 4. the keys are destroyed, under the platform and in every tenant.
 * 5. The receipt is recorded.
 */
export class Erasing {
  constructor(
    private readonly parts: IdentityParts,
    private readonly contexts: () => readonly Context[],
  ) {}

  async erase(input: InputOf<typeof erasePerson>, asking: PerformContext): Promise<CommandResult | Rejection> {
    const { personId } = input;
    const { caller } = asking;
    const begun = await this.step(asking, caller, beginErasure, input);
    if (isRejection(begun)) return begun;
    const others = (await tenantsOf(this.parts, personId)).filter((tenant) => tenant !== caller.tenant);
    for (const tenant of others) {
      const outcome = await this.step(asking, byProgram(caller, tenant), beginErasure, { ...input, reason: elsewhere });
      if (isRejection(outcome) && outcome.code !== 'identity.person-erased') throw new RejectionError(outcome);
    }
    const { names, emails } = await namesOf(this.parts, personId);
    must(await this.step(asking, { ...caller, tenant: platformTenant }, forgetPerson, { personId }));
    await endSessions(this.parts.pool, asking, { personId }, 'erased');

    const tenants = [caller.tenant, ...others];
    const subjects = tenants.map((tenant): Subject => ({ tenant, personId, emails }));
    const receipts = new Map<string, { positions: bigint[]; places: ErasedPlace[] }>();
    for (const subject of subjects) {
      const places = [...(await this.forget(subject)), ...(await this.jobsOf(subject, names))];
      receipts.set(subject.tenant, { positions: await this.positionsOf(subject), places });
    }
    for (const tenant of [platformTenant, ...tenants]) await this.parts.vault.erase(tenant, personId);

    const own = receipts.get(caller.tenant)!;
    for await (const position of this.parts.vault.sealedIn(personStream(personId), personId))
      own.positions.push(position);
    own.places.push(...(await this.rowsOf(platformTenant, personId)));
    let finished: CommandResult | undefined;
    // The caller's own comes last: who sees it finished sees all finished.
    for (const [tenant, { positions, places }] of [...receipts].reverse()) {
      const by = tenant === caller.tenant ? caller : byProgram(caller, tenant);
      const receipt = { personId, ...ranges(positions), places: counted(places) };
      finished = must(await this.step(asking, by, finishErasure, receipt));
    }
    return finished!;
  }

  private async forget(subject: Subject): Promise<ErasedPlace[]> {
    const places: ErasedPlace[] = await this.rowsOf(subject.tenant, subject.personId);
    for (const { personalData } of this.contexts()) places.push(...((await personalData?.forget?.(subject)) ?? []));
    return places;
  }

  private async jobsOf({ tenant, personId, emails }: Subject, names: readonly string[]): Promise<ErasedPlace[]> {
    const count = await this.parts.jobs.forget(tenant, { actorId: personId, texts: [...names, ...emails] });
    return [{ place: 'jobs.job', count }];
  }

  private async positionsOf(subject: Subject): Promise<bigint[]> {
    const found: bigint[] = [];
    for (const { personalData } of this.contexts()) {
      if (!personalData?.streams) continue;
      const streams = await this.parts.read(subject.tenant, (read) => personalData.streams!(subject, read));
      for (const stream of new Set(streams)) {
        for await (const position of this.parts.vault.sealedIn(stream, subject.personId)) found.push(position);
      }
    }
    return found;
  }

  /** Rows of read models that the engine empties, whether it has done so by now or not. */
  private rowsOf(tenant: string, personId: string): Promise<ErasedPlace[]> {
    const projections = this.contexts().flatMap((context): readonly Projection[] => context.projections);
    return this.parts.read(tenant, async (read) => {
      const places: ErasedPlace[] = [];
      for (const { name, tables } of projections) {
        for (const table of tables) {
          for (const { subject } of personalColumnsOf(table)) {
            const { rows } = await sql<{ count: number }>`
              select count(*)::int as count from ${read.rows(table).as('t')}
              where t.${sql.ref(subject)}::text = ${personId}`.execute(read.db);
            places.push({ place: `${name}.${table.name}`, count: rows[0]!.count });
          }
          if (personalWithin(table).length > 0) {
            const { rows } = await sql<{ count: number }>`
              select count(*)::int as count from ${read.rows(table).as('t')}
              where strpos(t::text, ${personId}) > 0`.execute(read.db);
            places.push({ place: `${name}.${table.name}`, count: rows[0]!.count });
          }
        }
      }
      return places;
    });
  }

  /** Under an id that follows from the command's, so that a repeat of the command repeats no step. */
  private step<O extends Parameters<PerformContext['executeAs']>[1]>(
    { executeAs, commandId }: PerformContext,
    caller: Caller,
    operation: O,
    input: unknown,
  ): Promise<CommandResult | Rejection> {
    const step = nameId(commandId, operation.name, caller.tenant);
    return executeAs(caller, operation, input, { commandId: step, expectedVersion: null });
  }
}

const elsewhere = 'The person was erased.';
const byProgram = (caller: Caller, tenant: string): Caller => ({
  tenant,
  actor: { kind: 'system', id: 'erasure' },
  channel: 'system',
  address: null,
  correlationId: caller.correlationId,
  reason: null,
});

function must(outcome: CommandResult | Rejection): CommandResult {
  if (isRejection(outcome)) throw new RejectionError(outcome);
  return outcome;
}

/** One line per place, and only where something was. */
function counted(places: readonly ErasedPlace[]): ErasedPlace[] {
  const sums = new Map<string, number>();
  for (const { place, count } of places) sums.set(place, (sums.get(place) ?? 0) + count);
  return [...sums].flatMap(([place, count]) => (count > 0 ? [{ place, count }] : []));
}
