import { lastActivityOf } from '../member/last-activity.js';
import type { Deps } from '../injected.js';
import type { Sources } from './review-workflow.js';

/** What a review shows of each holder: their rights, their last activity, and the last use of their API keys. */
export class ReviewSources implements Sources {
  readonly tenantStates: Sources['tenantStates'];

  constructor(private readonly given: Deps<'em' | 'tenantStates' | 'apiKeys'>) {
    this.tenantStates = given.tenantStates;
  }

  readonly lastActivity: Sources['lastActivity'] = (tenant, holderIds) =>
    lastActivityOf(this.given.em, tenant, holderIds);
  readonly uses: Sources['uses'] = (tenant, holderIds) => this.given.apiKeys.lastUsesOf(tenant, holderIds);
}
