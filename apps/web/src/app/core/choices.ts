import { inject, Injectable } from '@angular/core';
import type { FilterDeclaration, OfferedChoices } from '@daybook/kernel';
import { Api, type AskOptions } from './api';
import { Companies } from './companies';

export interface Choice {
  readonly value: string;
  readonly label: string;
  /** Choices of one group are listed together under its name. */
  readonly group?: string;
}
type Row = Readonly<Record<string, unknown>>;
type Declared = FilterDeclaration['choices'];

export const isOffered = (choices: Declared): choices is OfferedChoices => choices !== undefined && 'query' in choices;
export const fixedChoices = (choices: Declared): readonly Choice[] =>
  choices === undefined || isOffered(choices) ? [] : choices;
/** Ids and names of operations mean little to a person, short codes do: those come before the name. */
const isCode = (value: string): boolean => /^[\w-]{1,12}$/.test(value);

/** Choices that a list query offers, for filters and forms alike. */
@Injectable({ providedIn: 'root' })
export class Choices {
  private readonly api = inject(Api);
  private readonly companies = inject(Companies);

  async of(offered: OfferedChoices, options: AskOptions = {}): Promise<readonly Choice[]> {
    const { query, value, label, group } = offered;
    const wanted = query.input.shape;
    const companyId = this.companies.current()?.id;
    if ('companyId' in wanted && companyId === undefined) return [];
    const input = {
      ...('companyId' in wanted ? { companyId } : {}),
      ...('limit' in wanted ? { limit: 200 } : {}),
    };
    const answer: unknown = await this.api.ask(query, input, options);
    const found = offered.rows?.(answer) ?? (answer as { items?: readonly Row[] }).items ?? [];
    return found.map((row) => {
      const code = String(row[value]);
      const name = String(row[label] ?? '');
      return {
        value: code,
        label: isCode(code) && code !== name ? `${code} ${name}` : name,
        ...(group === undefined ? {} : { group: String(row[group] ?? '') }),
      };
    });
  }
}
