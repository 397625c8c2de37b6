import { Location } from '@angular/common';
import { TestBed } from '@angular/core/testing';
import { provideZonelessChangeDetection } from '@angular/core';
import {
  provideRouter,
  Router,
  TitleStrategy,
  UrlSerializer,
  withComponentInputBinding,
  withRouterConfig,
} from '@angular/router';
import { RouterTestingHarness } from '@angular/router/testing';
import { vi } from 'vitest';
import { routes } from '../app/app.routes';
import { AsOf, AsOfSerializer } from '../app/core/as-of';
import { PageTitle } from '../app/core/page-title';
import { Session } from '../app/core/session';

/** The whole console at an address, signed in, against the routes given to `serve`. */
export async function visit(address: string): Promise<{ element: HTMLElement; harness: RouterTestingHarness }> {
  localStorage.clear();
  TestBed.configureTestingModule({
    providers: [
      provideZonelessChangeDetection(),
      provideRouter(routes, withComponentInputBinding(), withRouterConfig({ paramsInheritanceStrategy: 'always' })),
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
