import { NgComponentOutlet } from '@angular/common';
import { ApplicationRef, ChangeDetectionStrategy, Component, computed, effect, inject, signal } from '@angular/core';
import { toSignal } from '@angular/core/rxjs-interop';
import { NavigationEnd, Router, RouterOutlet } from '@angular/router';
import { formatDate } from '@daybook/kernel';
import { filter, map } from 'rxjs';
import { AsOf } from '../core/as-of';
import { type Command, Commands } from '../core/commands';
import { Companies } from '../core/companies';
import { Confirmation } from '../core/confirmation';
import { Dialogs } from '../core/dialogs';
import { Exports } from '../core/exports';
import { Layout } from '../core/layout';
import { Leaving } from '../core/leaving';
import { Links } from '../core/links';
import { Preferences } from '../core/preferences';
import { Rights } from '../core/rights';
import { Session } from '../core/session';
import { Toasts } from '../core/toasts';
import { Values } from '../core/values';
import { ConfirmDialog } from '../pages/account/confirm-dialog';
import { Icon } from '../parts/icon';
import { LeaveDialog } from '../parts/leave-dialog';
import { Modal } from '../parts/modal';
import { contexts } from '../views';
import { ExportTray } from './export-tray';
import { Palette } from './palette';
import { Rail } from './rail';
import { Shortcuts } from './shortcuts';
import { Top } from './top';

/** The frame around every page: rail, bar, band in the past, one sheet; palette, keys, dialogs and the toast over it. */
@Component({
  selector: 'db-shell',
  imports: [
    RouterOutlet,
    NgComponentOutlet,
    ConfirmDialog,
    ExportTray,
    Icon,
    LeaveDialog,
    Modal,
    Palette,
    Rail,
    Shortcuts,
    Top,
  ],
  templateUrl: './shell.html',
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class Shell {
  private readonly app = inject(ApplicationRef);
  private readonly router = inject(Router);
  private readonly values = inject(Values);
  private readonly companies = inject(Companies);
  private readonly rights = inject(Rights);
  protected readonly session = inject(Session);
  protected readonly asOf = inject(AsOf);
  protected readonly layout = inject(Layout);
  protected readonly toasts = inject(Toasts);
  protected readonly exports = inject(Exports);
  protected readonly dialogs = inject(Dialogs);
  protected readonly confirmation = inject(Confirmation);
  protected readonly leaving = inject(Leaving);
  protected readonly over = signal<'palette' | 'keys' | 'menu' | null>(null);

  private readonly url = toSignal(
    this.router.events.pipe(
      filter((event) => event instanceof NavigationEnd),
      map((event) => event.urlAfterRedirects),
    ),
    { initialValue: this.router.url },
  );
  protected readonly bandText = computed(() => {
    const { date, known } = this.asOf.point();
    const days = date === null ? '' : `business date up to ${formatDate(date, 'long')}`;
    const moment = known === null ? '' : `as known ${known.includes('T') ? 'on' : 'at'} ${this.values.knownAt(known)}`;
    return `${[days, moment].filter(Boolean).join(', ')}.`;
  });

  constructor() {
    // The page of a company is in that company.
    effect(() => this.companies.enter(/^\/(?:c|companies)\/([^/?#]+)/.exec(this.url())?.[1] ?? null));
    effect(() => {
      this.url();
      this.over.set(null);
    });
    effect(() => {
      if (this.session.signedIn()) return;
      void this.router.navigate(['/sign-in'], { queryParams: this.session.takeBack() });
    });
    this.commands();
  }

  private commands(): void {
    const links = inject(Links);
    const preferences = inject(Preferences);
    const go = (link: () => string) => (): void => void this.router.navigateByUrl(link());
    const pages: Command[] = contexts.flatMap((context) =>
      context.pages
        .filter((page) => page.key !== undefined)
        .map((page) => ({
          name: `Go to ${page.title}`,
          where: 'Anywhere',
          key: `G ${page.key}`,
          icon: page.icon,
          quiet: true,
          when: () => this.rights.mayOpen(page),
          run: go(() => links.page(page)),
        })),
    );
    inject(Commands).use(
      { name: 'Search or go to', where: 'Anywhere', key: 'Ctrl+K', quiet: true, run: () => this.openPalette() },
      { name: 'Keyboard shortcuts', where: 'Anywhere', key: '?', icon: 'keyboard', run: () => this.over.set('keys') },
      { name: 'Go to Home', where: 'Anywhere', key: 'G H', quiet: true, run: go(() => links.company('')) },
      ...pages,
      {
        name: 'Set the time: as of',
        where: 'Anywhere',
        key: 'T',
        icon: 'rotate-ccw-clock',
        run: () => document.getElementById('asof')?.togglePopover(),
      },
      {
        name: 'Return to now',
        where: 'Anywhere',
        key: 'Shift+T',
        icon: 'clock',
        when: () => this.asOf.past(),
        run: () => void this.asOf.leave(),
      },
      {
        name: 'Fold the rail',
        where: 'Anywhere',
        key: '[',
        icon: 'panel-left',
        when: () => this.layout.foldable(),
        run: () => preferences.railFolded.update((folded) => !folded),
      },
      {
        name: 'Undo the last action',
        where: 'Anywhere',
        key: 'Ctrl+Z',
        icon: 'undo-2',
        when: () => this.toasts.current()?.undo != null,
        run: () => void this.toasts.undo(),
      },
      { name: 'Next region', where: 'Anywhere', key: 'F6', quiet: true, run: () => this.nextRegion() },
      {
        name: 'Switch the theme',
        where: 'Anywhere',
        icon: 'sun-moon',
        run: () => preferences.theme.update((theme) => (theme === 'dark' ? 'light' : 'dark')),
      },
    );
  }
  protected async endActing(): Promise<void> {
    await this.session.actForNobody();
    await this.router.navigateByUrl('/');
  }
  /** Drawn at once, so that the next key pressed lands in its field. */
  private openPalette(): void {
    this.over.set('palette');
    this.app.tick();
  }
  protected skip(): void {
    document.getElementById('main')?.focus();
  }
  /** F6 goes through bar, rail, page and drawer. */
  private nextRegion(): void {
    const regions = [...document.querySelectorAll<HTMLElement>('.top, .rail, main.page, .drawer, .side')];
    const here = regions.findIndex((region) => region.contains(document.activeElement));
    const next = regions[(here + 1) % regions.length];
    (next?.querySelector<HTMLElement>('a[href], button, input, [tabindex="0"]') ?? next)?.focus();
  }
}
