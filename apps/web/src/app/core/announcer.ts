import { Injectable, signal } from '@angular/core';

/** Words for screen readers, polite and rare. The shell renders them in one live region. */
@Injectable({ providedIn: 'root' })
export class Announcer {
  private readonly text = signal('');
  readonly words = this.text.asReadonly();
  say(text: string): void {
    // The same words twice would not be read again without a change between them.
    this.text.set('');
    setTimeout(() => this.text.set(text), 50);
  }
}
