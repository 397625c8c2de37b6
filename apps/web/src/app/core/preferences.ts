import { DOCUMENT, effect, inject, Injectable, signal, type WritableSignal } from '@angular/core';
import { type NegativeForm, type NumberForm, numberForms } from '@daybook/kernel';
import { onDevice } from './stores';

export type Theme = 'system' | 'light' | 'dark';
export type Density = 'compact' | 'comfortable';

/** A value kept on this device. What another version left there and does not fit is dropped. */
export function kept<T>(name: string, start: T, fits: (value: unknown) => value is T): WritableSignal<T> {
  const key = `daybook.${name}`;
  let first = start;
  try {
    const found: unknown = JSON.parse(onDevice.get(key) ?? 'null');
    if (fits(found)) first = found;
  } catch {
    // nothing readable is stored: the initial value is used
  }
  const value = signal(first);
  // Where nothing can be kept, the choice lasts until the page is left.
  effect(() => void onDevice.set(key, JSON.stringify(value())));
  return value;
}
const oneOf =
  <T extends string>(...values: readonly T[]) =>
  (value: unknown): value is T =>
    (values as readonly unknown[]).includes(value);
const isBoolean = (value: unknown): value is boolean => typeof value === 'boolean';

/** How this person likes the console, kept on the device. */
@Injectable({ providedIn: 'root' })
export class Preferences {
  private readonly root = inject(DOCUMENT).documentElement;
  readonly theme = kept<Theme>('theme', 'system', oneOf('system', 'light', 'dark'));
  readonly density = kept<Density>('density', 'compact', oneOf('compact', 'comfortable'));
  readonly numberForm = kept<NumberForm>('number-form', '1 234,50', oneOf(...numberForms));
  readonly negative = kept<NegativeForm>('negative', 'minus', oneOf('minus', 'brackets'));
  readonly railFolded = kept('rail-folded', false, isBoolean);
  readonly singleKeys = kept('single-keys', true, isBoolean);
  readonly company = kept<string>('company', '', (value): value is string => typeof value === 'string');

  constructor() {
    effect(() => {
      const theme = this.theme();
      if (theme === 'system') delete this.root.dataset['theme'];
      else this.root.dataset['theme'] = theme;
      this.root.dataset['density'] = this.density();
    });
  }
}
