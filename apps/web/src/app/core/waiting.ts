import { computed, inject, Injectable } from '@angular/core';
import { Api } from './api';
import { asked } from './asked';
import { Live } from './live';
import { Session } from './session';

/** How much waits for this person, by the page where it is done: the one count of the rail. */
@Injectable({ providedIn: 'root' })
export class Waiting {
  private readonly api = inject(Api);
  private readonly session = inject(Session);
  private readonly approvals = asked(
    () =>
      this.session.may('approvals.request.read') && this.session.may('approvals.request.approve')
        ? { tenant: this.session.current()?.tenant.id }
        : null,
    async (_, signal) => {
      // The declaration is not worth a place in the first chunk.
      const { listApprovalRequests } = await import('@daybook/approvals');
      const { items } = await this.api.ask(
        listApprovalRequests,
        { mine: 'approve', limit: 200 },
        { signal, known: null },
      );
      return items.length;
    },
  );
  private readonly counts = computed<Readonly<Record<string, number>>>(() => ({
    approvals: this.approvals.value() ?? 0,
  }));

  constructor() {
    inject(Live).on('approvals', () => this.approvals.reload());
  }
  count(path: string): number {
    return this.counts()[path] ?? 0;
  }
}
