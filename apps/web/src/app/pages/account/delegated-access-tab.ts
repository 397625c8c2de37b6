import { ChangeDetectionStrategy, Component, inject, signal } from '@angular/core';
import { Router } from '@angular/router';
import {
  allowDelegatedAccess,
  endDelegatedAccess,
  listDelegatedAccess,
  maxDelegatedAccessHours,
} from '@daybook/identity';
import { Api } from '../../core/api';
import { asked } from '../../core/asked';
import { Session } from '../../core/session';
import { Values } from '../../core/values';
import { ProblemState } from '../../parts/problem-state';
import { Said } from '../../parts/said';
import { Skeleton } from '../../parts/skeleton';
import { TextField } from '../../parts/text-field';
import { deed } from './deed';

const spans = [1, 8, 24, maxDelegatedAccessHours] as const;

/** Delegated access: who may act for this person, and who this person may act for. */
@Component({
  selector: 'db-delegated-access-tab',
  imports: [ProblemState, Said, Skeleton, TextField],
  templateUrl: './delegated-access-tab.html',
  host: { class: 'contents' },
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class DelegatedAccessTab {
  private readonly api = inject(Api);
  private readonly session = inject(Session);
  private readonly router = inject(Router);
  protected readonly values = inject(Values);
  protected readonly deed = deed();
  protected readonly spans = spans;
  protected readonly consents = asked(
    () => ({}),
    (_, signal) => this.api.ask(listDelegatedAccess, {}, { signal, known: null }),
  );
  protected readonly email = signal('');
  protected readonly hours = signal<number>(spans[1]);
  protected readonly reason = signal('');

  protected async allow(): Promise<void> {
    const input = { email: this.email().trim(), hours: this.hours(), reason: this.reason().trim() };
    const words = `${input.email} may act for you, for ${input.hours} hours`;
    let waits = false;
    const allow = async () => {
      waits = (await this.api.execute(allowDelegatedAccess, input)).approvalRequest !== undefined;
    };
    if (!(await this.deed.run('allow', allow, () => (waits ? `${words}: this waits for a second person` : words))))
      return;
    this.email.set('');
    this.reason.set('');
    this.consents.reload();
  }
  protected async end(delegatedAccessId: string): Promise<void> {
    await this.deed.run(
      delegatedAccessId,
      () => this.api.execute(endDelegatedAccess, { delegatedAccessId }),
      'Delegated access ended',
    );
    this.consents.reload();
  }
  protected enter(delegatedAccessId: string): Promise<boolean> {
    return this.deed.run(delegatedAccessId, async () => {
      await this.session.actFor(delegatedAccessId);
      await this.router.navigateByUrl('/');
    });
  }
}
