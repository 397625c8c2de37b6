import { computed, effect, inject, Injectable, signal } from '@angular/core';
import { listCompanies } from '@daybook/accounting';
import type { OutputOf } from '@daybook/kernel';
import { Api } from './api';
import { asked } from './asked';
import { Live } from './live';
import { Preferences } from './preferences';
import { Session } from './session';

export type Company = OutputOf<typeof listCompanies>['items'][number];

/** The companies whose books this person may enter, and the one they are in. */
@Injectable({ providedIn: 'root' })
export class Companies {
  private readonly api = inject(Api);
  private readonly session = inject(Session);
  private readonly preferences = inject(Preferences);
  private readonly address = signal<string | null>(null);
  readonly read = asked(
    () => (this.session.may(listCompanies.permission) ? { tenant: this.session.current()?.tenant.id } : null),
    (_, signal) => this.api.ask(listCompanies, {}, { signal, known: null }),
  );
  readonly all = computed<readonly Company[]>(() => this.read.value()?.items ?? this.unnamed());
  /** A customer or supplier may not list companies, but works in those that their grants name: called as the tenant is. */
  private readonly unnamed = computed<readonly Company[]>(() => {
    const session = this.session.current();
    if (session === null || this.session.may(listCompanies.permission)) return [];
    return session.limited.map(({ companyId: id }, index, { length }) => ({
      id,
      name: length === 1 ? session.tenant.name : `${session.tenant.name}, ${index + 1}`,
      registrationNumber: null,
      currency: '',
      zone: 'Europe/Oslo',
      fiscalYearStart: 1,
      version: 0,
    }));
  });
  /** Of the address, else the last one visited, else the first. */
  readonly current = computed<Company | null>(() => {
    const id = this.address() ?? this.preferences.company();
    return this.all().find((company) => company.id === id) ?? (this.address() === null ? this.all()[0] : null) ?? null;
  });
  /** Known from the address before the companies are read. */
  readonly currentId = computed(() => this.address() ?? this.current()?.id);
  readonly zone = computed(() => this.current()?.zone ?? 'Europe/Oslo');
  readonly currency = computed(() => this.current()?.currency || 'NOK');

  constructor() {
    inject(Live).on('companies', () => this.read.reload());
    effect(() => {
      const current = this.current();
      if (current !== null) this.preferences.company.set(current.id);
    });
  }
  /** null is no single company: the whole tenant. */
  name(id: string | null | undefined): string {
    if (id === null || id === undefined) return 'Whole tenant';
    return this.all().find((company) => company.id === id)?.name ?? `${id.slice(0, 8)}…`;
  }
  /** Its page, for who may list companies. */
  link(id: string | null | undefined): string | null {
    const isListed = this.session.may(listCompanies.permission) && this.all().some((company) => company.id === id);
    return isListed ? `/companies/${id}` : null;
  }
  enter(id: string | null): void {
    this.address.set(id);
  }
}
