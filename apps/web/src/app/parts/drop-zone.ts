import { ChangeDetectionStrategy, Component, input, model, signal } from '@angular/core';
import { formatBytes } from '@daybook/kernel';
import { Icon } from './icon';

/** Where a file is chosen, or dropped. */
@Component({
  selector: 'db-drop-zone',
  imports: [Icon],
  template: `<label
    class="drop-zone"
    [attr.for]="field()"
    [class.over]="over()"
    (dragover)="$event.preventDefault(); over.set(true)"
    (dragleave)="over.set(false)"
    (drop)="$event.preventDefault(); choose($event.dataTransfer?.files ?? null)"
  >
    <svg icon="file-up" class="big"></svg>
    @if (file(); as file) {
      <b>{{ file.name }}</b><span class="quiet">{{ formatBytes(file.size) }}</span>
    } @else {
      <b>{{ asks() }}</b><span class="quiet">or drop it here. {{ takes() }}</span>
    }
    <input type="file" class="sr" [id]="field()" [accept]="accept()" (change)="choose($any($event.target).files)" />
  </label>`,
  host: { class: 'contents' },
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class DropZone {
  /** Its id. */
  readonly field = input.required<string>();
  /** "Choose a CSV or Excel file" */
  readonly asks = input.required<string>();
  /** What files it takes, in words and as the field has it. */
  readonly takes = input.required<string>();
  readonly accept = input.required<string>();
  readonly file = model<File | null>(null);
  protected readonly over = signal(false);
  protected readonly formatBytes = formatBytes;

  protected choose(files: FileList | null): void {
    this.over.set(false);
    this.file.set(files?.[0] ?? null);
  }
}
