import { NgTemplateOutlet } from '@angular/common';
import { ChangeDetectionStrategy, Component, computed, inject, output } from '@angular/core';
import { Router, RouterLink } from '@angular/router';
import { initials } from '@daybook/kernel';
import { AsOf } from '../core/as-of';
import { type Company, Companies } from '../core/companies';
import { today } from '../core/dates';
import { Layout } from '../core/layout';
import { Live } from '../core/live';
import { Rights } from '../core/rights';
import { Values } from '../core/values';
import { Icon } from '../parts/icon';
import { Pop } from '../parts/pop';
import { pages } from '../views';
import { AsOfPanel } from './as-of-panel';
import { UserMenu } from './user-menu';

/** The bar: company, time, search, live state, keys, person. */
@Component({
  selector: 'db-top',
  imports: [NgTemplateOutlet, RouterLink, Icon, Pop, AsOfPanel, UserMenu],
  templateUrl: './top.html',
  host: { class: 'contents' },
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class Top {
  private readonly router = inject(Router);
  private readonly values = inject(Values);
  protected readonly layout = inject(Layout);
  protected readonly companies = inject(Companies);
  protected readonly live = inject(Live);
  protected readonly asOf = inject(AsOf);
  private readonly rights = inject(Rights);
  readonly menu = output();
  readonly searched = output();
  readonly keys = output();

  /** Users who may not open the system page see its state without a link. */
  protected readonly system = computed(() => {
    const page = pages.find(({ path }) => path === 'system');
    return page !== undefined && this.rights.mayOpen(page);
  });
  protected readonly mark = computed(() => initials(this.companies.current()?.name ?? 'Daybook'));
  protected readonly today = computed(() => this.values.text(today(this.companies.zone()), 'date'));
  protected readonly moment = computed(() => {
    const { date, known } = this.asOf.point();
    return {
      date: date === null ? null : this.values.text(date, 'date'),
      known: known === null ? null : this.values.knownAt(known),
    };
  });
  protected readonly trail = computed(() => {
    const known = this.asOf.known();
    const at = known !== null && /^\d+$/.test(known) ? known : this.asOf.past() ? null : this.live.trail();
    return at === null ? null : this.values.count(at);
  });
  protected readonly offlineSince = computed(() => {
    const since = this.live.offlineSince();
    return since === null ? '' : this.values.instant(since.toISOString(), false).slice(-5);
  });

  /** The address keeps the page: only the company in it changes. */
  protected async enter(company: Company): Promise<void> {
    const [, path = ''] = /^\/c\/[^/?]+\/?([^/?]*)/.exec(this.router.url) ?? [];
    await this.router.navigateByUrl(`/c/${company.id}${path === '' ? '' : `/${path}`}`);
  }
  protected readonly initials = initials;
}
