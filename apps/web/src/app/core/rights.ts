import { inject, Injectable } from '@angular/core';
import type { Needs } from '@daybook/kernel';
import { Companies } from './companies';
import { Session } from './session';

/**
 * May this be done, here? The console asks as the server does (`scope` of the operation), so that nothing is offered that
 * would be refused: a role given in one company reaches no page of the whole tenant, and none of another company.
 */
@Injectable({ providedIn: 'root' })
export class Rights {
  private readonly companies = inject(Companies);
  private readonly session = inject(Session);

  may({ permission, scope }: Needs): boolean {
    if (scope === 'tenant') return this.session.mayIn(permission, null);
    const here = scope === 'company' ? this.companies.current()?.id : undefined;
    // Before the companies are read: held somewhere, as the company one comes to is one of theirs.
    return here === undefined ? this.session.may(permission) : this.session.mayIn(permission, here);
  }
  /** On a record, which need not be in the company that is open. */
  mayOn({ permission }: Needs, { companyId }: { readonly companyId: string | null }): boolean {
    return companyId === null ? this.session.may(permission) : this.session.mayIn(permission, companyId);
  }
  mayOpen(page: { readonly needs: readonly Needs[] }): boolean {
    return page.needs.some((one) => this.may(one));
  }
}
