import { inject, Injectable } from '@angular/core';
import { Session } from '../../core/session';
import { onDevice } from '../../core/stores';
import { type Draft, isDraft, isTouched } from './entry-draft';

/**
 * Drafts on this device: one per person, tenant and company, from the first letter until the entry is recorded or thrown
 * away. Nobody finds another person's draft, and a delegate keeps none in the name of the person they act for.
 */
@Injectable({ providedIn: 'root' })
export class KeptDrafts {
  private readonly session = inject(Session);

  /** null: no draft is kept for this user. */
  placeOf(companyId: string): string | null {
    const session = this.session.current();
    if (session === null || this.session.acting()) return null;
    return `daybook.draft.${session.tenant.id}.${session.person.id}.${companyId}`;
  }
  find(place: string | null): Draft | null {
    try {
      const kept: unknown = JSON.parse((place === null ? null : onDevice.get(place)) ?? 'null');
      const draft = isDraft(kept) ? { custom: {}, ...kept } : null;
      return draft && isTouched(draft) ? draft : null;
    } catch {
      return null; // not readable: as good as none
    }
  }
  /** Whether it is kept; an empty one is removed. */
  keep(place: string | null, draft: Draft): boolean {
    if (place === null) return false;
    if (isTouched(draft)) return onDevice.set(place, JSON.stringify(draft));
    onDevice.remove(place);
    return false;
  }
}
