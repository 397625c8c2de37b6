import { ChangeDetectionStrategy, Component, computed, effect, inject, output, signal, untracked } from '@angular/core';
import { Router } from '@angular/router';
import { Companies } from '../core/companies';
import { asProblem, wasAborted } from '../core/problem';
import { Icon } from '../parts/icon';
import { Keys } from '../parts/keys';
import { Marked } from '../parts/marked';
import { Modal } from '../parts/modal';
import { type Hit, PaletteSearch } from './palette-search';

/** Ctrl K: go to, search and do, over any page. The first result is chosen; results come with every key. */
@Component({
  selector: 'db-palette',
  imports: [Icon, Keys, Marked, Modal],
  templateUrl: './palette.html',
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class Palette {
  private readonly router = inject(Router);
  private readonly companies = inject(Companies);
  protected readonly search = inject(PaletteSearch);
  readonly left = output();
  protected readonly text = signal('');
  /** What the results are searched by: without the sign that says which of them. */
  protected readonly wanted = computed(() => this.text().replace(/^[>#=@]\s*/, ''));
  private readonly found = signal<readonly Hit[]>([]);
  protected readonly trouble = signal('');
  protected readonly chosen = signal(0);
  protected readonly hits = computed<readonly Hit[]>(() => [...this.found(), ...this.search.local(this.text().trim())]);
  protected readonly groups = computed(() => {
    const groups: { name: string; hits: { hit: Hit; index: number }[] }[] = [];
    this.hits().forEach((hit, index) => {
      const last = groups.at(-1);
      if (last?.name === hit.group) last.hits.push({ hit, index });
      else groups.push({ name: hit.group, hits: [{ hit, index }] });
    });
    return groups;
  });

  constructor() {
    effect((onCleanup) => {
      const text = this.text();
      // Opened before the companies were read: searched again when they are there.
      this.companies.current();
      const abort = new AbortController();
      onCleanup(() => abort.abort());
      untracked(() => {
        this.chosen.set(0);
        this.search.remote(text, abort.signal).then(
          (hits) => {
            if (abort.signal.aborted) return;
            this.found.set(hits);
            this.trouble.set('');
          },
          (error: unknown) => {
            if (wasAborted(error) || abort.signal.aborted) return;
            this.found.set([]);
            this.trouble.set(asProblem(error).detail);
          },
        );
      });
    });
  }
  protected onKey(event: KeyboardEvent): void {
    const count = this.hits().length;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined && count > 0) {
      event.preventDefault();
      this.chosen.update((at) => (at + step + count) % count);
      queueMicrotask(() => document.getElementById(`hit-${this.chosen()}`)?.scrollIntoView({ block: 'nearest' }));
    } else if (event.key === 'Enter') {
      event.preventDefault();
      const hit = this.hits()[this.chosen()];
      if (hit) this.take(hit, event.ctrlKey || event.metaKey);
    }
  }
  protected take(hit: Hit, newTab = false): void {
    this.left.emit();
    if (hit.run) hit.run();
    else if (hit.link !== undefined && newTab) window.open(hit.link, '_blank', 'noopener');
    else if (hit.link !== undefined) void this.router.navigateByUrl(hit.link);
  }
}
