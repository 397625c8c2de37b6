import {
  type Actor,
  type FieldRule,
  isReadAll,
  type Operation,
  type Party,
  reject,
  type Rejection,
} from '@daybook/kernel';
import type { Caller } from '../context.js';
import { type Access, type EffectiveGrant, neverProven } from './access.js';

/*
 * May this caller do this, in this company? Decided from the grants of the request alone. A company outside the grants is a
 * 404, like a company of another tenant.
 */

const accesses = new WeakMap<object, Access>();
/** Notes the access by which a caller was let in, so that their rights need not be looked up again for the request. */
export function letIn<C extends object>(caller: C, access: Access): C {
  accesses.set(caller, access);
  return caller;
}
/** By the very object: a copy of a caller, for another tenant or out of a job, was let in by nothing. */
export const accessBy = (caller: object): Access | null => accesses.get(caller) ?? null;

/** Step-up: how long after authenticating a person may run `sensitive` operations. */
export const stepUpMinutes = 15;

/** Permissions held anywhere, for menus. */
export const permissionsIn = (access: Access): ReadonlySet<string> =>
  new Set(access.grants.flatMap(({ permissions }) => [...permissions]));

const holds = (grant: EffectiveGrant, permission: string): boolean => grant.permissions.has(permission);
const reaches = (grant: EffectiveGrant, companyId: string): boolean =>
  grant.companyId === null || grant.companyId === companyId;

/** The grants that permit the operation with this input, or why there are none. */
export function grantsFor(
  operation: Pick<Operation, 'permission' | 'scope'>,
  input: Record<string, unknown>,
  access: Pick<Access, 'grants'>,
): readonly EffectiveGrant[] | Rejection {
  const { permission, scope } = operation;
  if (permission === null) return access.grants;
  const held = access.grants.filter((grant) => holds(grant, permission));
  if (held.length === 0) return forbidden(permission);
  if (scope === 'caller') return held;
  if (scope === 'tenant') {
    const everywhere = held.filter(({ companyId }) => companyId === null);
    return everywhere.length > 0 ? everywhere : forbidden(permission, 'for the whole tenant, not for single companies');
  }
  const here = held.filter((grant) => reaches(grant, String(input['companyId'])));
  return here.length > 0 ? here : reject('platform.company-not-found', 'There is no such company.', { status: 404 });
}

export const forbidden = (permission: string, how = ''): Rejection =>
  reject('platform.forbidden', `You cannot do this: it needs the permission ${permission}${how && ` ${how}`}.`, {
    status: 403,
    details: { permission },
  });

/** Whose rights are used: the person for whom a delegate acts; of an API key its own, which are fewer than its person's. */
export const rightsHolder = ({ actor, onBehalfOf }: { actor: Actor; onBehalfOf?: Actor | null }): Actor =>
  actor.kind === 'api-key' ? actor : (onBehalfOf ?? actor);

/** Does a delegate act for a person who allowed it? A person's own API key is not a delegate. */
export const isDelegated = ({
  actor,
  onBehalfOf,
}: Pick<Access, 'actor'> & { onBehalfOf?: Access['onBehalfOf'] }): boolean =>
  actor.kind === 'person' && Boolean(onBehalfOf);

/** A delegate may call only operations declared as `delegated`. */
export function closedToDelegatedAccess(
  { delegated, title }: { readonly delegated: boolean; readonly title: string },
  access: Pick<Access, 'actor' | 'onBehalfOf'>,
): Rejection | null {
  if (delegated || !isDelegated(access)) return null;
  return reject(
    'platform.closed-to-delegated-access',
    `${title}: a delegate cannot do this. The person must do it in a session of their own.`,
    { status: 403 },
  );
}

/**
 * Has only a sign-in provider identified this person? People who configure or run a provider can make it say anything at any
 * time, so it does not prove that two sign-ins are two persons.
 */
export const isOnlyVouchedFor = ({ authenticatedAt }: { readonly authenticatedAt?: string | null }): boolean =>
  Boolean(authenticatedAt) && Date.parse(String(authenticatedAt)) <= Date.parse(neverProven);

/** Step-up: a sensitive operation needs a person who authenticated recently. */
export function recentlyConfirmed(
  operation: Operation,
  access: { readonly onBehalfOf?: Access['onBehalfOf']; readonly authenticatedAt?: Access['authenticatedAt'] },
  now = Date.now(),
): Rejection | null {
  if (!operation.sensitive) return null;
  if (access.onBehalfOf || !access.authenticatedAt) {
    return reject(
      'identity.person-required',
      `${operation.title}: only a person who is signed in can do this, not an API key and not a delegate.`,
      {
        status: 403,
      },
    );
  }
  return now - Date.parse(access.authenticatedAt) <= stepUpMinutes * 60_000
    ? null
    : reject(
        'identity.confirmation-required',
        `Confirm that it is you: this needs a sign-in within the last ${stepUpMinutes} minutes.`,
        { status: 403, details: { confirm: 'identity.session.confirm', withinMinutes: stepUpMinutes } },
      );
}

/** A field is restricted when every grant that permits the operation restricts it; the milder rule applies. */
export function fieldRules(granting: readonly EffectiveGrant[]): Readonly<Record<string, FieldRule>> {
  const [first, ...others] = granting;
  if (!first) return {};
  const rules = Object.entries(first.fields).flatMap(([field, rule]) => {
    const all = [rule, ...others.map(({ fields }) => fields[field])];
    if (all.includes(undefined)) return [];
    return [[field, all.includes('mask') ? 'mask' : 'hide'] as const];
  });
  return Object.fromEntries(rules);
}

/** Companies that the granting grants cover: 'all', or these. */
export const companiesOf = (granting: readonly EffectiveGrant[]): 'all' | readonly string[] =>
  granting.some(({ companyId }) => companyId === null)
    ? 'all'
    : [...new Set(granting.flatMap(({ companyId }) => companyId ?? []))];

/** Permissions to see every row of a record, held where the operation takes place (`readAllOf`). */
export const allRowsOf = (grants: readonly EffectiveGrant[], companyId?: unknown): readonly string[] => [
  ...new Set(
    grants
      .filter((grant) => grant.party === null && (grant.companyId === null || grant.companyId === companyId))
      .flatMap(({ permissions }) => readingAll(permissions)),
  ),
];
const known = new WeakMap<ReadonlySet<string>, readonly string[]>();
function readingAll(permissions: ReadonlySet<string>): readonly string[] {
  const found = known.get(permissions) ?? [...permissions].filter(isReadAll);
  known.set(permissions, found);
  return found;
}

/** Of a caller: undefined for jobs, processes and the system, which see every row. Whose rights are not known sees their own. */
export const allRowsFor = ({ actor, allRows }: Pick<Caller, 'actor' | 'allRows'>): readonly string[] | undefined =>
  allRows ?? (actor.kind === 'person' || actor.kind === 'api-key' ? [] : undefined);

/** The person who acts, or for whom a delegate, a key, a job or a process acts; null for a service and the system. */
export const personOf = ({ actor, onBehalfOf }: Pick<Caller, 'actor' | 'onBehalfOf'>): string | null =>
  [onBehalfOf, actor].find((one) => one?.kind === 'person')?.id ?? null;

/** Parties that the caller is limited to: 'all' when one grant names none. */
export const partiesOf = (
  granting: readonly EffectiveGrant[],
): 'all' | readonly { companyId: string | null; party: Party }[] =>
  granting.some(({ party }) => party === null)
    ? 'all'
    : granting.flatMap(({ companyId, party }) => (party === null ? [] : [{ companyId, party }]));
