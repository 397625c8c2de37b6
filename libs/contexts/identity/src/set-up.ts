import { randomUUID } from 'node:crypto';
import { type CallOf, type CommandOperation, isRejection, type Party, RejectionError } from '@daybook/kernel';
import type { Caller } from '@daybook/server';
import type { JobCommands } from '@daybook/server/nest/job-commands';
import type { Deps } from './injected.js';
import { addMember } from './member/member.internal.js';
import { personByEmail } from './person/person-by-email.js';
import { personIdOf } from './person/person.part.js';
import { platformTenant } from './person/person.events.js';
import { joinTenant, registerPerson } from './person/person.internal.js';
import type { Role } from './role.schema.js';
import { CredentialChanges } from './mfa/credential-change.js';
import { recordEnds } from './session/session-ending.js';
import { requestContextOf } from './session/internal-commands.js';
import { recordTenant } from './tenant/tenant.internal.js';

export interface InitialIdentity {
  readonly tenants: readonly { readonly id: string; readonly name: string }[];
  readonly people: readonly {
    readonly email: string;
    /** Set once: an existing password is kept. */
    readonly password: string;
    readonly name: string;
    readonly memberships: readonly {
      readonly tenant: string;
      readonly role: Role;
      /** More roles, and the compensating control if they violate segregation of duties. */
      readonly also?: readonly Role[];
      readonly mitigation?: string;
      /** Default: the whole tenant. */
      readonly companyId?: string;
      readonly partyType?: Party['type'];
      readonly party?: string;
    }[];
  }[];
}

const erased = 'identity.person-erased';
/** Rejections of steps that were done before; any other rejection stops the set-up. */
const done = new Set([
  'identity.tenant-exists',
  'identity.person-exists',
  'identity.member-exists',
  'identity.member-deactivated',
  'identity.tenant-joined',
  erased,
]);

/** The first tenants, people and passwords of an installation. */
export class IdentitySetUp {
  constructor(private readonly deps: Deps<'em' | 'secret' | 'passwords'> & { readonly commands: JobCommands }) {}

  /**
   * Creates the first tenants and people, by the usual commands in the name of the system. Safe to repeat: existing
   * records stay unchanged, including a later role or password. Returns the ids of the people and the last position.
   */
  async run(wanted: InitialIdentity): Promise<{ people: { email: string; id: string }[]; position: string | null }> {
    const { em, secret, passwords, commands } = this.deps;
    let position: string | null = null;
    const run = async <O extends CommandOperation>(operation: O, input: CallOf<O>, tenant: string) => {
      const outcome = await commands.execute(operation, input, setUpCaller(tenant), randomUUID());
      if (!isRejection(outcome)) position = outcome.position;
      else if (!done.has(outcome.code)) throw new RejectionError(outcome);
      return isRejection(outcome) ? outcome.code : null;
    };
    for (const { id, name } of wanted.tenants) await run(recordTenant, { name }, id);
    const people: { email: string; id: string }[] = [];
    for (const { email, password, name, memberships } of wanted.people) {
      // The person may have another e-mail address by now.
      const id = (await personByEmail(em, secret, email)) ?? personIdOf(secret, email);
      // A setting does not bring back a person who was erased.
      if ((await run(registerPerson, { personId: id, name, email }, platformTenant)) === erased) continue;
      if (!(await passwords.has(id))) await passwords.set(id, email, password);
      for (const { tenant, also = [], ...given } of memberships) {
        await run(addMember, { personId: id, also: [...also], ...given }, tenant);
        await run(joinTenant, { personId: id, tenantId: tenant }, platformTenant);
      }
      people.push({ email, id });
    }
    return { people, position };
  }

  /** Sets the password of a person and ends all their sessions. For the operator, without the current password. */
  async changePassword(person: { readonly email: string; readonly password: string }): Promise<boolean> {
    const { em, secret, passwords, commands } = this.deps;
    const id = await personByEmail(em, secret, person.email);
    if (id === null) return false;
    const ended = await passwords.change(id, person.password, { reason: 'password-changed' });
    const asking = requestContextOf(commands.execute, setUpCaller(platformTenant));
    // Without notices: the operator informs the person.
    await new CredentialChanges({ em, notices: { tell: async () => undefined } }).record(id, asking);
    await recordEnds(asking, ended, 'password-changed');
    return true;
  }
}

const setUpCaller = (tenant: string): Caller => ({
  tenant,
  actor: { kind: 'system', id: 'set-up' },
  channel: 'system',
  address: null,
  correlationId: randomUUID(),
  reason: null,
});
