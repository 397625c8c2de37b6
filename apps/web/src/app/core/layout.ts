import { computed, DOCUMENT, inject, Injectable, signal } from '@angular/core';
import { Preferences } from './preferences';

/** The widths at which the frame changes, and who needs the room. */
@Injectable({ providedIn: 'root' })
export class Layout {
  private readonly view = inject(DOCUMENT).defaultView;
  private readonly preferences = inject(Preferences);
  private readonly tight = this.query('(max-width: 1365px)');
  /** The rail is folded, and columns that tell less leave. */
  readonly slim = this.query('(max-width: 1100px)');
  /** One column: no rail, lists in two lines. */
  readonly narrow = this.query('(max-width: 767px)');
  /** Set by a drawer while it is open beside the page. */
  readonly drawer = signal(false);
  readonly folded = computed(() => this.preferences.railFolded() || this.slim() || (this.tight() && this.drawer()));
  /** The person's own choice counts only where there is space for one. */
  readonly foldable = computed(() => !this.slim() && !(this.tight() && this.drawer()));

  private query(condition: string) {
    const list = this.view?.matchMedia?.(condition);
    const matches = signal(list?.matches ?? false);
    list?.addEventListener('change', (event) => matches.set(event.matches));
    return matches.asReadonly();
  }
}
