import { inject, Injectable } from '@angular/core';
import { type FindDeclaration, parseFigure, type QueryOperation, type ViewDeclaration } from '@daybook/kernel';
import { Api } from '../core/api';
import { AsOf } from '../core/as-of';
import { Commands } from '../core/commands';
import { Companies } from '../core/companies';
import { fill, Links } from '../core/links';
import { People } from '../core/people';
import { Preferences } from '../core/preferences';
import { Rights } from '../core/rights';
import { Values } from '../core/values';
import { contexts, isScoped, listed, pages as allPages } from '../views';

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

type Found = ViewDeclaration & { readonly find: FindDeclaration };
type Row = Readonly<Record<string, unknown>>;

/** What the palette finds. Pages and commands are here at once; rows of views that declare `find` come from the server. */
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
      .flatMap((person) =>
        allPages.flatMap(({ byPerson, ...page }) =>
          byPerson === undefined
            ? []
            : [
                {
                  group: 'People',
                  icon: 'user',
                  text: person.name,
                  detail: byPerson.says,
                  link: `${this.links.page(page)}?${byPerson.field}=${person.id}`,
                },
              ],
        ),
      );
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
    const limit = mode === '' ? most : 8;
    const found = await Promise.all(
      (await this.views()).map(async (view): Promise<Hit[]> => {
        const { amount } = view.find;
        if (!this.rights.may(view.list) || (exact !== null && amount === undefined)) return [];
        const asked =
          exact === null ? { text: wanted } : Object.fromEntries(amount?.map((field) => [field, exact]) ?? []);
        const scope = isScoped(view) ? { companyId } : {};
        // A list that answers all rows at once takes no limit.
        const bound = 'limit' in view.list.input.shape ? { limit } : {};
        const { items } = (await this.api.ask(
          view.list as QueryOperation,
          { ...scope, ...asked, ...bound },
          { signal },
        )) as {
          readonly items: readonly Row[];
        };
        return items.slice(0, limit).map((row) => this.hit(view, row));
      }),
    );
    return found.flat();
  }
  /** Views that are searched; their contexts are loaded now, if they were not before. */
  private async views(): Promise<readonly Found[]> {
    const searched = listed.filter(({ pages }) => pages.some(({ found }) => found));
    const faces = await Promise.all(searched.map(({ load }) => load()));
    return faces.flatMap(({ views }) =>
      views.filter((screen): screen is Found => screen.kind === 'view' && screen.find !== undefined),
    );
  }
  private hit(view: Found, row: Row): Hit {
    const { text, detail, figure } = view.find;
    const as = detail === undefined ? undefined : view.columns[detail]?.as;
    const amount = figure === undefined ? undefined : row[figure];
    const currency = row['currency'];
    return {
      group: view.title,
      icon: view.icon,
      text: fill(text, row),
      detail: detail === undefined ? '' : this.values.text(row[detail], as ?? 'text'),
      ...(typeof amount === 'string'
        ? { figure: this.values.money(amount, typeof currency === 'string' ? currency : undefined) }
        : {}),
      link: this.links.row(view, row) ?? '/',
    };
  }
  where(): string {
    const company = this.companies.current()?.name;
    return `${company === undefined ? '' : `in ${company}, `}${this.asOf.past() ? 'as of the past' : 'as of now'}`;
  }
}
