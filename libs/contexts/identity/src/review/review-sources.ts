import { seenOf } from '../member/seen.js';
import type { Given } from '../injected.js';
import type { Sources } from './reviewing.js';

/** What a review shows of each holder: their rights, and when they were last here or their keys last used. */
export class ReviewSources implements Sources {
  readonly tenantStates: Sources['tenantStates'];

  constructor(private readonly given: Given<'em' | 'tenantStates' | 'apiKeys'>) {
    this.tenantStates = given.tenantStates;
  }

  readonly seen: Sources['seen'] = (tenant, holderIds) => seenOf(this.given.em, tenant, holderIds);
  readonly uses: Sources['uses'] = (tenant, holderIds) => this.given.apiKeys.lastUsesOf(tenant, holderIds);
}
