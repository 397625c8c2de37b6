/*
 * How many round trips to the database a request waits for at most, BEGIN, COMMIT and the query about session, rights and rules
 * included. Reviewed by hand; `round-trips.e2e.spec.ts` counts. A read takes four: that query, BEGIN with the registry of read
 * models, the rows, COMMIT. A command on a stream that is known takes two: that query, and the append.
 *
 * Listed is what takes more, and why. A number here may only fall.
 */
export const mostRoundTrips = { answer: 4, decide: 2 } as const;

/** By what they take besides. */
export const moreRoundTrips: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  'names of people, which are read in the platform tenant, and the four tables of rights': {
    'identity.member.list': 12,
    'identity.member.read': 12,
    'identity.grant.list': 11,
    'identity.role.read': 11,
    'identity.sod-violation.list': 11,
    'identity.actor.list': 10,
    'identity.delegated-access.list': 19,
    'identity.delegated-access-consent.list': 11,
    'identity.review.list': 12,
    'identity.review.read': 12,
    'identity.review-item.list': 13,
    'identity.review.evidence': 12,
    'identity.person.list': 11,
  },
  'the four tables of rights': { 'identity.role.list': 7, 'identity.sod-rule.list': 7 },
  'everything that is known of a person, table by table': {
    'identity.person.export': 32,
    'identity.own-data.read': 28,
    'identity.erasure.read': 5,
  },
  'figures that are computed in several steps': {
    'accounting.account.list': 7,
    'accounting.account.read': 7,
    'accounting.account-ledger.read': 7,
    'accounting.trial-balance.read': 6,
    'accounting.figure.explain': 8,
    'accounting.entry.read': 6,
  },
  'past events, and names of people': {
    'accounting.entry.explain': 27,
    'audit.event.list': 26,
    'audit.event.read': 14,
  },
  'the record itself, which decides who reads what is said about it; here a member': {
    'collaboration.comment.list': 13,
    'collaboration.comment-version.list': 14,
    'collaboration.record.followers': 13,
    'collaboration.record-tag.list': 14,
    'collaboration.attachment.list': 13,
    'collaboration.task.list': 13,
    'collaboration.own-task.list': 13,
  },
  'a request of approval, which is submitted in its place, and who made the rule': { 'approvals.rule.remove': 9 },
  'who may approve': { 'approvals.request.list': 5 },
  'the entry that it is about, from the ledger': {
    'accounting.entry.hold': 3,
    'accounting.entry.release': 3,
    'accounting.entry.reverse': 3,
  },
  'the grants that are reviewed, page by page, who reviews them, and the number of the review': {
    'identity.review.start': 15,
    'identity.review.close': 3,
  },
  'rights of others, or whether somebody was erased': {
    'identity.member.reactivate': 4,
    'identity.retention.set': 3,
    'identity.retention.lift': 3,
    'approvals.rule.set': 3,
  },
};
