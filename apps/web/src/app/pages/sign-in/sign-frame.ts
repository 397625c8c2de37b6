import { ChangeDetectionStrategy, Component } from '@angular/core';
import { Icon } from '../../parts/icon';
import { SignInArt } from './sign-in-art';

/** The frame of every page outside a session: the form left, the promise right. */
@Component({
  selector: 'db-sign-frame',
  imports: [Icon, SignInArt],
  template: `<main class="sign" id="main">
    <section class="sign-form">
      <div class="brand"><svg icon="daybook"></svg>Daybook</div>
      <ng-content />
      <div class="sign-foot"><span>Daybook</span></div>
    </section>
    <section class="sign-art" aria-hidden="true">
      <db-sign-in-art />
      <p class="sign-line">Every figure can be explained<br />and asked as of any moment.</p>
    </section>
  </main>`,
  host: { class: 'contents' },
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class SignFrame {}
