import { inject, Injectable } from '@angular/core';
import { Title } from '@angular/platform-browser';
import { type RouterStateSnapshot, TitleStrategy } from '@angular/router';

/** `Entries · Daybook`; a page that knows better (a record) says so with `set`. */
@Injectable({ providedIn: 'root' })
export class PageTitle extends TitleStrategy {
  private readonly title = inject(Title);
  override updateTitle(state: RouterStateSnapshot): void {
    this.set(this.buildTitle(state) ?? '');
  }
  set(text: string): void {
    this.title.setTitle(text === '' ? 'Daybook' : `${text} · Daybook`);
  }
}
