import { ChangeDetectionStrategy, Component, computed, input } from '@angular/core';

/** A text with what was searched for marked in it. */
@Component({
  selector: 'db-marked',
  template: '{{ pieces()[0] }}<mark>{{ pieces()[1] }}</mark>{{ pieces()[2] }}',
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class Marked {
  readonly text = input.required<string>();
  readonly wanted = input.required<string>();
  protected readonly pieces = computed<readonly [string, string, string]>(() => {
    const [text, wanted] = [this.text(), this.wanted().trim().toLowerCase()];
    const at = wanted === '' ? -1 : text.toLowerCase().indexOf(wanted);
    const end = at + wanted.length;
    return at < 0 ? [text, '', ''] : [text.slice(0, at), text.slice(at, end), text.slice(end)];
  });
}
