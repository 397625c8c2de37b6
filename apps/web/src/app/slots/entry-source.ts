import { ChangeDetectionStrategy, Component, computed, inject, input } from '@angular/core';
import { RouterLink } from '@angular/router';
import { explainEntry, type readEntry } from '@daybook/accounting';
import { shortHash } from '@daybook/kernel';
import { Api } from '../core/api';
import { AsOf } from '../core/as-of';
import { asked } from '../core/asked';
import { Companies } from '../core/companies';
import { Values } from '../core/values';
import { Icon } from '../parts/icon';
import { recordOf } from './record-of';

/** Where an imported entry is in its file: name, SHA-256, lines and the excerpt. */
@Component({
  selector: 'db-entry-source',
  imports: [RouterLink, Icon],
  template: `@if (entry().source; as source) {
    <section aria-labelledby="source-h">
      <h2 id="source-h">Source</h2>
      <p>
        <a class="link" [routerLink]="'/imports/' + entry().importId">{{ source.file }}</a>, lines
        {{ values.count(source.from) }} – {{ values.count(source.to) }}
      </p>
      <p class="stamp">
        <svg icon="seal"></svg>SHA-256 <span class="mono" [title]="source.sha256">{{ short(source.sha256) }}</span>
      </p>
      @if (explained.value()?.source?.excerpt; as lines) {
        <div class="src" role="img" [attr.aria-label]="'Excerpt of ' + source.file">
          @for (line of lines; track line.number) {
            <div>
              <span>{{ line.number }}</span><span>{{ line.text }}</span>
            </div>
          }
        </div>
      }
    </section>
  }`,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class EntrySource {
  private readonly api = inject(Api);
  private readonly asOf = inject(AsOf);
  private readonly companies = inject(Companies);
  protected readonly values = inject(Values);
  readonly row = input.required<Readonly<Record<string, unknown>>>();
  protected readonly entry = computed(() => recordOf<typeof readEntry>(this.row()));
  protected readonly explained = asked(
    () => {
      const companyId = this.companies.current()?.id;
      if (companyId === undefined || this.entry().source === null) return null;
      return { companyId, entryId: this.entry().id, known: this.asOf.known() };
    },
    ({ known, ...input }, signal) => this.api.ask(explainEntry, input, { signal, known }),
  );
  protected readonly short = shortHash;
}
