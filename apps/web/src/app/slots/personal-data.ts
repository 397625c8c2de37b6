import { ChangeDetectionStrategy, Component, computed, effect, inject, input, signal } from '@angular/core';
import { erasePerson, exportPerson, liftRetention, memberView, readErasure, setRetention } from '@daybook/identity';
import type { ActionDeclaration } from '@daybook/kernel';
import { Actions } from '../archetypes/form/actions';
import { Api } from '../core/api';
import { AsOf } from '../core/as-of';
import { asked } from '../core/asked';
import { download } from '../core/download';
import { Live } from '../core/live';
import { asProblem } from '../core/problem';
import { Rights } from '../core/rights';
import { Values, words } from '../core/values';
import { Icon } from '../parts/icon';

const from = { personId: 'personId' };
const erase: ActionDeclaration = {
  operation: erasePerson,
  label: 'Erase',
  icon: 'eraser',
  destructive: true,
  title: 'Erase {name} for ever?',
  what:
    'The key to everything this tenant keeps about the person is destroyed: name, address and sign-ins become unreadable, ' +
    'in the log and in backups too. What other tenants keep is theirs. Figures, entries and the trail stay and still verify; in place of the name, it says ' +
    '“Erased person”. This cannot be undone.',
  from,
  ask: { reason: { label: 'Reason', width: 'full', hint: 'Kept permanently: do not name a person in it.' } },
};
const keep: ActionDeclaration = {
  operation: setRetention,
  label: 'Set a retention',
  icon: 'archive',
  title: 'Keep the data of {name}?',
  from,
  ask: {
    reason: {
      label: 'Reason',
      width: 'full',
      hint: 'The law or the case. Kept permanently: do not name a person in it.',
    },
    until: { label: 'Until', as: 'date', hint: 'Last day of the retention.' },
  },
};
const lift: ActionDeclaration = {
  operation: liftRetention,
  label: 'Lift the retention',
  icon: 'archive-x',
  title: 'Lift the retention of the data of {name}?',
  from,
  ask: { reason: { label: 'Reason', width: 'full' } },
};

/** Where something was emptied, in words; the receipt names tables. */
const places: Readonly<Record<string, string>> = {
  'identity.credentials': 'Passwords',
  'identity.refresh_tokens': 'Tokens of sessions',
  'identity.email_links': 'Mailed links',
  'mail.outbox': 'Messages waiting to be sent',
  mail: 'Messages kept',
  'jobs.job': 'Jobs',
};
const placeWords = (place: string): string =>
  places[place] ?? words((place.split('.').at(-1) ?? place).replaceAll('_', '-'));

/** A process finishes an erasure after the answer, usually at once. */
const askAgainMs = 1_000;

/** What is kept about a person, and what can be done about it: a copy, a retention, erasure. */
@Component({
  selector: 'db-personal-data',
  imports: [Icon],
  templateUrl: './personal-data.html',
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class PersonalData {
  private readonly api = inject(Api);
  private readonly asOf = inject(AsOf);
  private readonly actions = inject(Actions);
  private readonly rights = inject(Rights);
  private readonly live = inject(Live);
  protected readonly values = inject(Values);
  readonly row = input.required<Readonly<Record<string, unknown>>>();
  private readonly personId = computed(() => String(this.row()['personId']));
  private readonly mayRead = computed(() => this.rights.may(readErasure));
  protected readonly mayExport = computed(() => !this.asOf.past() && this.rights.may(exportPerson));
  protected readonly receipt = asked(
    () => (this.mayRead() ? { personId: this.personId() } : null),
    (asking, signal) => this.api.ask(readErasure, asking, { signal, known: null }),
  );
  protected readonly placeWords = placeWords;
  protected readonly busy = signal(false);
  protected readonly fault = signal('');
  protected readonly erased = computed(() => this.receipt.value()?.status === 'finished');
  protected readonly begun = computed(() => this.receipt.value()?.status === 'begun');
  protected readonly isRetained = computed(() => this.receipt.value()?.retention?.active === true);
  /** What can be done now; erasure is not offered during a retention. */
  protected readonly deeds = computed(() => {
    if (this.receipt.value() === undefined || this.erased()) return [];
    return this.actions.possible(this.isRetained() ? [keep, lift] : [keep, erase], this.row());
  });
  protected readonly visible = computed(() => this.mayExport() || this.mayRead());

  private waited = false;

  constructor() {
    effect((onCleanup) => {
      // A look that fails is repeated like any other: the erasure goes on meanwhile.
      if (this.receipt.value()?.status !== 'begun' || this.receipt.pending()) return;
      this.waited = true;
      const again = setTimeout(() => this.receipt.reload(), askAgainMs);
      onCleanup(() => clearTimeout(again));
    });
    effect(() => {
      if (!this.erased() || !this.waited) return;
      this.waited = false;
      // The record around it says the name no longer.
      this.live.again('people');
    });
  }

  protected async act(action: ActionDeclaration): Promise<void> {
    if (!(await this.actions.perform(memberView, action, [this.row()]))) return;
    this.receipt.reload();
    // The record around it says the name, or no longer does.
    this.live.again('people');
  }
  protected async copy(form: 'json' | 'text'): Promise<void> {
    this.busy.set(true);
    this.fault.set('');
    try {
      const data = await this.api.ask(exportPerson, { personId: this.personId() }, { known: null });
      const name = `personal-data-${this.personId().slice(0, 8)}`;
      if (form === 'text') download(`${name}.txt`, 'text/plain', data.text);
      else download(`${name}.json`, 'application/json', `${JSON.stringify(data, null, 2)}\n`);
    } catch (error) {
      const { detail, code } = asProblem(error);
      this.fault.set(`${detail} ${code}`);
    } finally {
      this.busy.set(false);
    }
  }
}
