import { inject, Injectable } from '@angular/core';
import { accountView, entryView, listAccounts, listEntries } from '@daybook/accounting';
import { parseFigure } from '@daybook/kernel';
import { Api } from '../core/api';
import { AsOf } from '../core/as-of';
import { Commands } from '../core/commands';
import { Companies } from '../core/companies';
import { Links } from '../core/links';
import { People } from '../core/people';
import { Preferences } from '../core/preferences';
import { Rights } from '../core/rights';
import { Values } from '../core/values';
import { contexts } from '../views';

export interface Hit {
  readonly group: string;
  readonly icon: string;
  readonly text: string;
  readonly detail: string;
  readonly figure?: string;
  readonly key?: string;
  readonly link?: string;
  readonly run?: () => void;
}
const most = 4;

/** What the palette finds. Pages and commands are here at once; accounts and entries come from the server. */
@Injectable({ providedIn: 'root' })
export class PaletteSearch {
  private readonly api = inject(Api);
  private readonly asOf = inject(AsOf);
  private readonly commands = inject(Commands);
  private readonly companies = inject(Companies);
  private readonly links = inject(Links);
  private readonly people = inject(People);
  private readonly preferences = inject(Preferences);
  private readonly rights = inject(Rights);
  private readonly values = inject(Values);

  local(text: string): Hit[] {
    const mode = /^[>#=@]/.test(text) ? text[0] : '';
    const wanted = text.replace(/^[>#=@]\s*/, '').toLowerCase();
    const has = (name: string): boolean => name.toLowerCase().includes(wanted);
    const pages: Hit[] = contexts.flatMap((context) =>
      context.pages
        .filter((page) => has(page.title) && this.rights.mayOpen(page))
        .map((page) => ({
          group: 'Pages',
          icon: page.icon,
          text: page.title,
          detail: context.title,
          link: this.links.page(page),
          ...(page.key === undefined ? {} : { key: `G ${page.key}` }),
        })),
    );
    const deeds: Hit[] = this.commands
      .available()
      .filter((command) => command.quiet !== true && has(command.name))
      .map((command) => ({
        group: 'Do',
        icon: command.icon ?? 'chevron-right',
        text: command.name,
        detail: command.where === 'Anywhere' ? '' : command.where,
        run: command.run,
        ...(command.key === undefined ? {} : { key: command.key }),
      }));
    const people: Hit[] = this.people
      .all()
      .filter((person) => has(person.name))
      .map((person) => ({
        group: 'People',
        icon: 'user',
        text: person.name,
        detail: 'entries recorded by',
        link: `${this.links.list(entryView)}?recordedBy=${person.id}`,
      }));
    if (mode === '>') return deeds;
    if (mode === '@') return people.slice(0, 8);
    if (mode !== '') return [];
    return [...pages.slice(0, wanted === '' ? 8 : most), ...deeds.slice(0, wanted === '' ? 6 : most)];
  }

  async remote(text: string, signal: AbortSignal): Promise<Hit[]> {
    const companyId = this.companies.current()?.id;
    const mode = /^[>#=@]/.test(text) ? text[0] : '';
    const wanted = text.replace(/^[>#=@]\s*/, '').trim();
    if (companyId === undefined || wanted === '' || mode === '>' || mode === '@') return [];
    const exact = mode === '=' ? parseFigure(wanted, this.preferences.numberForm()) : null;
    if (mode === '=' && exact === null) return [];
    const filter = exact === null ? { text: wanted } : { amountFrom: exact, amountTo: exact };
    const none = { items: [] };
    const [accounts, entries] = await Promise.all([
      mode === '' && this.rights.may(listAccounts)
        ? this.api.ask(listAccounts, { companyId, text: wanted, limit: most }, { signal })
        : none,
      this.rights.may(listEntries)
        ? this.api.ask(listEntries, { companyId, ...filter, limit: mode === '' ? most : 8 }, { signal })
        : none,
    ]);
    return [
      ...accounts.items.map((account) => ({
        group: 'Accounts',
        icon: 'book-open',
        text: `${account.number} ${account.name}`,
        detail: account.class,
        figure: this.values.money(account.balance),
        link: this.links.row(accountView, account) ?? '/',
      })),
      ...entries.items.map((entry) => ({
        group: 'Entries',
        icon: 'file-text',
        text: `${entry.number} ${entry.description}`,
        detail: this.values.text(entry.date, 'date'),
        figure: this.values.money(entry.amount, entry.currency),
        link: this.links.row(entryView, entry) ?? '/',
      })),
    ];
  }
  where(): string {
    const company = this.companies.current()?.name;
    return `${company === undefined ? '' : `in ${company}, `}${this.asOf.past() ? 'as of the past' : 'as of now'}`;
  }
}
