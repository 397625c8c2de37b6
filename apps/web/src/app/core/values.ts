import { inject, Injectable } from '@angular/core';
import {
  type ColumnFormat, formatCount, formatDate, formatFigure, formatInstant, formatMoney, formatPercent, shortHash,
} from '@daybook/kernel'; // prettier-ignore
import { Companies } from './companies';
import { Preferences } from './preferences';

/** Values in the form this person chose and the zone of the company. */
@Injectable({ providedIn: 'root' })
export class Values {
  private readonly preferences = inject(Preferences);
  private readonly companies = inject(Companies);

  money(value: string, currency = this.companies.currency(), plus = false): string {
    return formatMoney(value, currency, this.preferences.numberForm(), {
      negative: this.preferences.negative(),
      plus,
    });
  }
  count(value: string | number): string {
    return formatCount(value, this.preferences.numberForm());
  }
  instant(value: string, seconds = true): string {
    return formatInstant(value, this.companies.zone(), seconds);
  }
  /** The moment that something is read at: the trail number is what people cite, the log position is for programs. */
  knownAt(known: string): string {
    if (/^\d+$/.test(known)) return `trail number ${this.count(known)}`;
    const [, position] = /^position:(\d+)$/.exec(known) ?? [];
    return position === undefined ? this.instant(known, false) : `log position ${this.count(position)}`;
  }
  /** One line of text for any format: chips, facts, titles, the palette. */
  text(value: unknown, as: ColumnFormat): string {
    if (value === null || value === undefined || value === '') return '';
    const text = String(value);
    switch (as) {
      case 'money':
      case 'amount':
        return this.money(text);
      case 'quantity':
        return formatFigure(text, this.preferences.numberForm());
      case 'percent':
        return formatPercent(text, this.preferences.numberForm());
      case 'count':
      case 'position':
        return /^-?\d+$/.test(text) ? this.count(text) : text;
      case 'date':
        return formatDate(text);
      case 'instant':
        return this.instant(text);
      case 'hash':
      case 'id':
        return shortHash(text);
      case 'boolean':
        return value === true ? 'Yes' : 'No';
      case 'status':
        return words(text);
      default:
        return text;
    }
  }
}
/** A list in one line, each once; `each` names the field of objects that is written. */
export const listed = (value: unknown, each: string | undefined): unknown => {
  if (typeof value !== 'object' || value === null) return value;
  const all = Array.isArray(value) ? (value as readonly unknown[]) : [value];
  const texts = all.map((one) => (each === undefined ? one : (one as Record<string, unknown>)[each]));
  return [...new Set(texts.filter((one) => one !== null && one !== undefined).map(String))].join(', ');
};

const channels: Readonly<Record<string, string>> = { rest: 'REST', graphql: 'GraphQL' };
/** The way an event came in, as people call it. */
export const channelWords = (channel: string): string => channels[channel] ?? words(channel);

/** `on-hold` is "On hold". */
export const words = (code: string): string => {
  const text = code.replaceAll('-', ' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
};
