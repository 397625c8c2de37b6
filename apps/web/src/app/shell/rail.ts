import { ChangeDetectionStrategy, Component, computed, inject } from '@angular/core';
import { RouterLink, RouterLinkActive } from '@angular/router';
import { Layout } from '../core/layout';
import { Links } from '../core/links';
import { Preferences } from '../core/preferences';
import { Rights } from '../core/rights';
import { Waiting } from '../core/waiting';
import { Icon } from '../parts/icon';
import { Pop } from '../parts/pop';
import { contexts } from '../views';

/** The contexts this person may enter, each with its pages. Folded, an icon per context opens them as a menu. */
@Component({
  selector: 'db-rail',
  imports: [RouterLink, RouterLinkActive, Icon, Pop],
  templateUrl: './rail.html',
  host: { class: 'contents' },
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class Rail {
  private readonly rights = inject(Rights);
  private readonly links = inject(Links);
  protected readonly layout = inject(Layout);
  protected readonly waiting = inject(Waiting);
  protected readonly preferences = inject(Preferences);
  protected readonly home = computed(() => this.links.company(''));
  protected readonly contexts = computed(() =>
    contexts
      .map((context) => ({
        ...context,
        pages: context.pages
          .filter((page) => this.rights.mayOpen(page))
          .map((page) => ({ ...page, link: this.links.page(page) }))
          .filter((page) => page.link !== '/'),
      }))
      .filter((context) => context.pages.length > 0),
  );
}
