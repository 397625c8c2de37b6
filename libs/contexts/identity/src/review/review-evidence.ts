import { createHash } from 'node:crypto';
import { isEventOf, reject, type Rejection } from '@daybook/kernel';
import type { EventReader } from '@daybook/server';
import { canonicalJson } from '@daybook/server/crypto';
import { reviewEvents, type ReviewItem } from './review.events.js';
import { reviewIsListing } from './review.decider.js';
import { reviewStream } from './review-facts.js';

interface Act {
  readonly at: string;
  readonly by: string;
  /** The person a delegate acted for, if the actor was one. */
  readonly onBehalfOf: string | null;
  readonly eventId: string;
}
type Evident = ReviewItem & { readonly acts: (Act & Record<string, unknown>)[] };
export interface Evidence {
  readonly document: Record<string, unknown>;
  readonly sha256: string;
}

/**
 * The evidence of a review, from its events alone: what was listed at which trail number, and each decision with its time.
 * The same events always give the same bytes, so that anybody can check the hash years later.
 */
export async function evidenceOf(
  events: EventReader,
  tenant: string,
  reviewId: string,
  until: bigint,
): Promise<Evidence | Rejection> {
  let head: Record<string, unknown> | null = null;
  const items = new Map<string, Evident>();
  let total = 0;
  let closed: Record<string, unknown> | null = null;
  for await (const recorded of events.stream(reviewStream(tenant, reviewId))) {
    if (recorded.position > until) break;
    const { meta, id: eventId, recordedAt: at } = recorded;
    const act: Act = { at, by: meta.actor.id, onBehalfOf: meta.onBehalfOf?.id ?? null, eventId };
    if (!isEventOf(reviewEvents, recorded)) continue;
    switch (recorded.type) {
      case 'identity.review-started': {
        const { items: listed, listing, ...review } = recorded.data;
        head = { ...review, started: act };
        total = listing?.total ?? listed.length;
        for (const item of listed) items.set(item.itemId, { ...item, acts: [] });
        break;
      }
      case 'identity.review-listed':
        for (const item of recorded.data.items) items.set(item.itemId, { ...item, acts: [] });
        break;
      case 'identity.review-closed':
        closed = { ...act, kept: recorded.data.kept, revoked: recorded.data.revoked };
        break;
      default: {
        const { reviewId: _review, itemId, grantId: _grant, holderId: _holder, ...facts } = recorded.data;
        items.get(itemId)?.acts.push({ what: recorded.type.replace('identity.review-item-', ''), ...facts, ...act });
      }
    }
  }
  if (head === null) return reject('identity.review-not-found', 'There is no such access review.', { status: 404 });
  if (items.size < total) return reviewIsListing();
  const document = { kind: 'daybook-access-review', format: 1, tenant, ...head, closed, items: [...items.values()] };
  return { document, sha256: createHash('sha256').update(canonicalJson(document)).digest('hex') };
}

/** Ids of all people, service accounts and API keys in a document. */
export function idsIn(document: Record<string, unknown>): string[] {
  const named = new Set(['holderId', 'givenBy', 'by', 'onBehalfOf']);
  const ids = new Set<string>();
  const walk = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const [field, inner] of Object.entries(value)) {
      if (typeof inner === 'string' && named.has(field)) ids.add(inner);
      else walk(inner);
    }
  };
  walk(document);
  for (const id of (document['reviewerIds'] as readonly string[] | null | undefined) ?? []) ids.add(id);
  return [...ids].sort();
}
