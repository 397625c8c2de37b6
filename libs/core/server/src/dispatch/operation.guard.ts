import { isRejection, type Operation, type Rejection, RejectionError } from '@daybook/kernel';
import {
  type CallHandler,
  type CanActivate,
  type ExecutionContext,
  Inject,
  Injectable,
  type NestInterceptor,
} from '@nestjs/common';
import { from, lastValueFrom, type Observable } from 'rxjs';
import type * as z from 'zod';
import { LogMonitor } from '../log/log-monitor.js';
import { type Access, anonymous } from './access.js';
import { runs } from './enhancers.js';
import { networkOf, RateLimits } from './limits.js';
import { type Admitted, messageIn, type OperationMessage, type RouteMessage } from './message.js';
import type { OperationRequest } from './request.js';
import { restrictedInput } from './restrict.js';
import { closedToDelegatedAccess, fieldRules, forbidden, grantsFor, recentlyConfirmed } from './rights.js';

/**
 * Checks rate limit, authentication, permission, company, delegated access, step-up and hidden fields. Throws the
 * rejection, which the filter answers. Runs before the input is validated; it reads only the company from it, with the
 * operation's own schema. Trusted commands were checked with the command that sends them.
 */
@Injectable()
export class OperationGuard implements CanActivate {
  constructor(
    @Inject(RateLimits) readonly limits: RateLimits,
    @Inject(LogMonitor) readonly log: Pick<LogMonitor, 'passed'>,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const message = messageIn(context);
    if (!runs('guard', message)) return true;
    const { operation, request } = message;
    const { access, isEarly } = await callerOf(request, this, onlyReads(operation));
    let admitted = admit(message, access);
    if (isEarly && isRejection(admitted)) admitted = admit(message, await request.access());
    else message.early = isEarly;
    if (isRejection(admitted)) throw new RejectionError(admitted);
    message.admitted = admitted;
    return true;
  }
}

/** Everything but plain queries waits for the current rights. */
const onlyReads = (operation: Operation): boolean =>
  operation.kind === 'query' && !operation.currentOnly && !operation.sensitive;

/** A query that started with the rights of a moment ago is answered if they still apply, and repeated if not. */
@Injectable()
export class CurrentRightsInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const message = messageIn(context);
    return message.early && runs('currentRights', message) ? from(this.confirmed(message, next)) : next.handle();
  }

  private async confirmed(message: OperationMessage, next: CallHandler): Promise<unknown> {
    const early = message.admitted?.access;
    const reading = lastValueFrom(next.handle()).then(
      (answer: unknown) => () => answer,
      (error: unknown) => () => {
        throw error;
      },
    );
    // Its turn lasts until the reading has ended, whose connection would otherwise be on top of the turn of another.
    const access = await message.request.access().finally(() => reading);
    if (!isRejection(access) && access.grants === early?.grants && access.incompatible === early.incompatible) {
      return (await reading)();
    }
    message.early = false;
    const admitted = admit(message, access);
    if (isRejection(admitted)) throw new RejectionError(admitted);
    message.admitted = admitted;
    return lastValueFrom(next.handle());
  }
}

interface Entrance {
  readonly limits: RateLimits;
  readonly log: Pick<LogMonitor, 'passed'>;
}

/**
 * Where every call from outside begins: the log is the right one, and the limit is charged, also to a caller who is refused.
 * With `ahead`, the rights of a moment ago where they are known, while the event store is asked whether they still apply.
 */
async function callerOf(
  request: OperationRequest,
  { limits, log }: Entrance,
  ahead: boolean,
): Promise<{ access: Access | Rejection; isEarly: boolean }> {
  const inDoubt = log.passed();
  if (inDoubt) await inDoubt;
  const early = ahead ? ((await request.ahead?.()) ?? null) : null;
  const access = early ?? (await request.access());
  const limited = request.isRow === true ? null : chargeLimit(limits, access, request);
  if (limited) throw new RejectionError(limited);
  return { access, isEarly: early !== null };
}

/** The guard of a route that is not an operation. Throws the rejection. */
export async function admitRoute(message: RouteMessage, entrance: Entrance): Promise<Access> {
  const { operation: route, request } = message;
  if (!runs('guard', message)) return anonymous;
  const { access } = await callerOf(request, entrance, false);
  const admitted = isRejection(access) ? access : admitByPermission(route.permission, access, route);
  if (isRejection(admitted)) throw new RejectionError(admitted);
  return admitted;
}

/** Charged for each operation, so that GraphQL aliases cannot bypass the limits. */
function chargeLimit(
  limits: RateLimits,
  access: Access | Rejection,
  request: Pick<OperationRequest, 'address'>,
): Rejection | null {
  return isRejection(access)
    ? limits.take(`address ${networkOf(request.address)}`, limits.per.anonymous)
    : limits.take(`${access.tenant} ${access.actor.id}`, limits.per.signedIn);
}

/** Checks that do not depend on the input. */
function admitByPermission(
  permission: string | null,
  access: Access | Rejection,
  of: { readonly delegated: boolean; readonly title: string },
): Access | Rejection {
  if (permission === null) return isRejection(access) ? anonymous : access;
  if (isRejection(access)) return access;
  if (!access.grants.some(({ permissions }) => permissions.has(permission))) return forbidden(permission);
  return closedToDelegatedAccess(of, access) ?? access;
}

/** All checks of rights with this access: the result for the guard, or why not. */
export function admit(
  { operation, raw }: Pick<OperationMessage, 'operation' | 'raw'>,
  asked: Access | Rejection,
): Admitted | Rejection {
  const access = admitByPermission(operation.permission, asked, operation);
  if (isRejection(access)) return access;
  const granting = grantsFor(operation, companyIn(operation, raw), access);
  if (isRejection(granting)) return granting;
  const rules = operation.permission === null ? {} : fieldRules(granting);
  const unfit =
    recentlyConfirmed(operation, access) ??
    (operation.kind === 'query' ? restrictedInput(operation.input, objectOf(raw), rules) : null);
  return unfit ?? { access, granting, rules };
}

const objectOf = (raw: unknown): Record<string, unknown> =>
  typeof raw === 'object' && raw !== null && !Array.isArray(raw) ? (raw as Record<string, unknown>) : {};

/**
 * The company in the input, parsed as validation will parse it, so that rights are checked on the very value that is used.
 * Nothing when it is invalid; validation rejects that.
 */
function companyIn(operation: Operation, raw: unknown): { companyId?: unknown } {
  const schema = operation.input.shape['companyId'] as z.ZodType | undefined;
  const read = schema?.safeParse(objectOf(raw)['companyId']);
  return read?.success ? { companyId: read.data } : {};
}
