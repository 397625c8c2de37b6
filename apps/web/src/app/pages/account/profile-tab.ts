import { ChangeDetectionStrategy, Component, inject, linkedSignal, signal } from '@angular/core';
import { askEmailChange, setOwnName } from '@daybook/identity';
import { Api } from '../../core/api';
import { Session } from '../../core/session';
import { Said } from '../../parts/said';
import { TextField } from '../../parts/text-field';
import { deed } from './deed';

@Component({
  selector: 'db-profile-tab',
  imports: [Said, TextField],
  template: `<section class="setting" aria-labelledby="name-head">
      <h2 id="name-head">Name</h2>
      <p class="muted">As your colleagues see it, in the trail and beside what you recorded.</p>
      <form novalidate (submit)="$event.preventDefault(); saveName()">
        <db-text-field field="own-name" label="Name" autocomplete="name" [most]="200" [(value)]="name" />
        <db-said [problem]="deed.refusal('name')" />
        <button class="btn btn-main" type="submit" [class.busy]="deed.busy() === 'name'">Save name</button>
      </form>
    </section>
    <section class="setting" aria-labelledby="mail-head">
      <h2 id="mail-head">E-mail</h2>
      <p class="muted">
        You sign in with {{ session.current()?.person?.email }}. A new address counts once the link sent to it is
        opened; the present one gets a notice.
      </p>
      @if (asked(); as address) {
        <p role="status">A link is on its way to {{ address }}. It works for a day.</p>
      } @else {
        <form novalidate (submit)="$event.preventDefault(); changeEmail()">
          <db-text-field field="own-mail" label="New e-mail" type="email" autocomplete="email" [(value)]="email" />
          <db-said [problem]="deed.refusal('email')" />
          <button class="btn btn-line" type="submit" [class.busy]="deed.busy() === 'email'">Send the link</button>
        </form>
      }
    </section>`,
  host: { class: 'contents' },
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class ProfileTab {
  private readonly api = inject(Api);
  protected readonly session = inject(Session);
  protected readonly deed = deed();
  protected readonly name = linkedSignal(() => this.session.current()?.person.name ?? '');
  protected readonly email = signal('');
  protected readonly asked = signal<string | null>(null);

  protected saveName(): Promise<boolean> {
    const name = this.name().trim();
    return this.deed.run(
      'name',
      async () => {
        await this.api.execute(setOwnName, { name });
        this.session.rename(name);
      },
      `You are ${name} now`,
    );
  }
  protected changeEmail(): Promise<boolean> {
    const email = this.email().trim();
    return this.deed.run('email', async () => {
      await this.api.execute(askEmailChange, { email });
      this.asked.set(email);
    });
  }
}
