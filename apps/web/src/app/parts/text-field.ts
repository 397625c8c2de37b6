import { ChangeDetectionStrategy, Component, ElementRef, inject, input, model, signal } from '@angular/core';
import { Icon } from './icon';

/** One text field with its label, hint and error in one place; a password can be shown. Its `problem` is said below it. */
@Component({
  selector: 'db-text-field',
  imports: [Icon],
  template: `<div class="label-row">
      <label class="label" [attr.for]="field()">{{ label() }}</label><ng-content />
    </div>
    <div class="input" [class.bad]="problem() !== null">
      <input
        [id]="field()"
        [type]="type() === 'password' && shown() ? 'text' : type()"
        [autocomplete]="autocomplete()"
        [attr.inputmode]="inputmode()"
        [attr.maxlength]="most()"
        #box
        [value]="value()"
        (input)="value.set(box.value)"
        [attr.aria-invalid]="problem() !== null"
        [attr.aria-describedby]="field() + '-hint'"
      />
      @if (type() === 'password') {
        <button
          class="btn btn-icon btn-small"
          type="button"
          [attr.aria-label]="shown() ? 'Hide the password' : 'Show the password'"
          (click)="shown.set(!shown())"
        >
          <svg [icon]="shown() ? 'eye-off' : 'eye'"></svg>
        </button>
      }
    </div>
    <p class="hint" [class.bad]="problem() !== null" [id]="field() + '-hint'" [hidden]="!problem() && !hint()">
      @if (problem(); as said) {
        <svg class="i-12" icon="circle-alert"></svg>{{ said }}
      } @else {
        {{ hint() }}
      }
    </p>`,
  host: { class: 'field' },
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class TextField {
  private readonly host = inject<ElementRef<HTMLElement>>(ElementRef).nativeElement;
  readonly field = input.required<string>();
  readonly label = input.required<string>();
  readonly type = input<'text' | 'email' | 'password'>('text');
  readonly autocomplete = input('off');
  readonly inputmode = input<'numeric' | null>(null);
  readonly most = input<number | null>(null);
  readonly hint = input('');
  readonly problem = input<string | null>(null);
  readonly value = model('');
  protected readonly shown = signal(false);

  focus(): void {
    const box = this.host.querySelector('input');
    box?.focus();
    box?.select();
  }
}
