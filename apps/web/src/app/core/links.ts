import { inject, Injectable } from '@angular/core';
import type { ViewDeclaration } from '@daybook/kernel';
import { isScoped, type PageEntry } from '../views';
import { Companies } from './companies';

type Row = Readonly<Record<string, unknown>>;
/** Fills `{field}` from a row; `{a.b}` looks inside. */
export const fill = (
  template: string,
  row: Row,
  write: (value: unknown) => string = (value) => String(value ?? ''),
): string =>
  template.replace(/\{([\w.]+)\}/g, (_, path: string) =>
    write(path.split('.').reduce<unknown>((at, name) => (at as Row | null | undefined)?.[name], row)),
  );

/** Addresses within the console. Pages of a company are below `/c/<id>`. */
@Injectable({ providedIn: 'root' })
export class Links {
  private readonly companies = inject(Companies);

  /** Below the company one is in. */
  company(path: string, id: string | undefined = this.companies.currentId()): string {
    return id === undefined ? '/' : path === '' ? `/c/${id}` : `/c/${id}/${path}`;
  }
  page(page: Pick<PageEntry, 'path' | 'scoped'>): string {
    return page.scoped ? this.company(page.path) : `/${page.path}`;
  }
  list(view: ViewDeclaration): string {
    return this.page({ path: view.path, scoped: isScoped(view) });
  }
  /** Where a row leads; null when nowhere. */
  row(view: ViewDeclaration, row: Row): string | null {
    const template = view.opens ?? (view.record === null ? null : `${view.path}/{${view.id}}`);
    if (template === null) return null;
    return this.page({ path: fill(template, row, (v) => encodeURIComponent(String(v ?? ''))), scoped: isScoped(view) });
  }
}
