import { Location } from '@angular/common';
import { TestBed } from '@angular/core/testing';
import { provideZonelessChangeDetection } from '@angular/core';
import {
  provideRouter,
  Router,
  type Routes,
  TitleStrategy,
  UrlSerializer,
  withComponentInputBinding,
  withRouterConfig,
} from '@angular/router';
import { RouterTestingHarness } from '@angular/router/testing';
import { vi } from 'vitest';
import type { ViewDeclaration } from '@daybook/kernel';
import { routes } from '../app/app.routes';
import { routesOf } from '../app/archetypes/view-routes';
import { AsOf, AsOfSerializer } from '../app/core/as-of';
import { PageTitle } from '../app/core/page-title';
import { Session } from '../app/core/session';
import { Shell } from '../app/shell/shell';

/** The whole console at an address, signed in, against the routes given to `serve`. */
export async function visit(
  address: string,
  screens: readonly ViewDeclaration[] = [],
): Promise<{ element: HTMLElement; harness: RouterTestingHarness }> {
  localStorage.clear();
  TestBed.configureTestingModule({
    providers: [
      provideZonelessChangeDetection(),
      provideRouter(
        withScreens(screens),
        withComponentInputBinding(),
        withRouterConfig({ paramsInheritanceStrategy: 'always' }),
      ),
      { provide: UrlSerializer, useClass: AsOfSerializer },
      { provide: TitleStrategy, useClass: PageTitle },
    ],
  });
  await TestBed.inject(Session).refresh();
  // As in the browser: the address is set before the first navigation, and the time is read from it.
  TestBed.inject(Location).go(address);
  TestBed.inject(AsOf);
  const harness = await RouterTestingHarness.create(address);
  return { element: harness.fixture.nativeElement as HTMLElement, harness };
}
/** The console's routes with screens that the product does not have. */
const withScreens = (screens: readonly ViewDeclaration[]): Routes =>
  routes.map((route) =>
    route.component === Shell
      ? { ...route, children: [...screens.flatMap(routesOf), ...(route.children ?? [])] }
      : route,
  );

export const address = (): string => TestBed.inject(Router).url;

/** Waits until what is looked for is there: pages fill in when their reads answer. */
export const shown = <T extends Element = HTMLElement>(element: Element, selector: string, text = ''): Promise<T> =>
  vi.waitFor(
    () => {
      const found = [...element.querySelectorAll<T>(selector)].find((one) => words(one).includes(text));
      if (found === undefined) throw new Error(`No ${selector} says "${text}" in: ${words(element)}`);
      return found;
    },
    { timeout: 3000, interval: 10 },
  );
/** Text as a person reads it: pieces of text apart by one space. */
export const words = (element: Element): string => {
  const pieces: string[] = [];
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) pieces.push(walker.currentNode.textContent ?? '');
  return pieces
    .join(' ')
    .replace(/[\s\u00a0]+/g, ' ')
    .replace(/ ([,.])/g, '$1')
    .trim();
};
export const press = (key: string, more: KeyboardEventInit = {}): void => {
  (document.activeElement ?? document.body).dispatchEvent(
    new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...more }),
  );
};
/** Types into a field, or chooses in it. */
export const fill = (element: Element, name: string, value: string): void => {
  const field = element.querySelector<HTMLInputElement>(`[name="${name}"]`);
  if (field === null) throw new Error(`No field ${name}.`);
  field.value = value;
  field.dispatchEvent(new Event(field.tagName === 'SELECT' ? 'change' : 'input'));
};
