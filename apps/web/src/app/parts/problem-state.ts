import { ChangeDetectionStrategy, Component, computed, inject, input, output } from '@angular/core';
import { AsOf } from '../core/as-of';
import { forbidden, type Problem } from '../core/problem';
import { Session } from '../core/session';
import { Values } from '../core/values';
import { CopyButton } from './copy-button';
import { Icon } from './icon';

/**
 * A read that failed, in the place of what it would have filled: what failed, what is safe, code, trace, Try again.
 * 403 names the permission and the role that lacks it; in the past a 404 is no failure, but the state of that day; 503 says what is not up to date and retries by itself.
 */
@Component({
  selector: 'db-problem-state',
  imports: [CopyButton, Icon],
  templateUrl: './problem-state.html',
  host: { class: 'state-fill' },
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class ProblemState {
  protected readonly asOf = inject(AsOf);
  private readonly session = inject(Session);
  private readonly values = inject(Values);
  readonly what = input.required<string>();
  /** Without one: the session may not ask at all. */
  readonly problem = input<Problem>(forbidden);
  readonly permission = input<string | null>(null);
  readonly again = output();
  protected readonly role = computed(() => this.session.current()?.role ?? '');
  /** The permission that is missing; null where something else is in the way, which the problem says. */
  protected readonly needed = computed(() => (this.problem().code === forbidden.code ? this.permission() : null));
  /** Held somewhere, but not here: a role given in one company does not reach the whole tenant. */
  protected readonly elsewhere = computed(() => {
    const needed = this.permission();
    return needed !== null && this.session.may(needed);
  });
  protected readonly moment = computed(() => this.values.knownAt(this.asOf.known() ?? ''));
  protected readonly kind = computed(() => {
    const { status, code } = this.problem();
    if (status === 403) return 'forbidden';
    if (status === 404) return this.asOf.known() === null ? 'missing' : 'not-yet';
    if (code.startsWith('platform.known-at')) return 'moment';
    if (code === 'console.offline') return 'offline';
    if (code.endsWith('projection-parked')) return 'parked';
    return status === 503 ? 'stale' : 'failed';
  });
}
