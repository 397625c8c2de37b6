/*
 * How many round trips to the database a request waits for, BEGIN and the query about session, rights and rules included.
 * Reviewed by hand; `round-trips.e2e.spec.ts` counts. A list takes at most four: that query, BEGIN with the registry of read models,
 * the rows, and all labels together; nobody waits for the end of a transaction that only reads. A command on a stream that is
 * known takes two: that query, and the append.
 *
 * Listed is what takes more, exactly how many, and why.
 */
export const mostRoundTrips = { answer: 4, decide: 2 } as const;

/** By what they take besides. */
export const moreRoundTrips: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  'what stands in plain tables: last activity, last use, addresses': {
    'identity.member.list': 5,
    'identity.member.read': 5,
    'identity.api-key.list': 5,
    'identity.own-api-key.list': 5,
    'identity.delegated-access-consent.list': 5,
  },
  'names of those who hold it': { 'identity.role.read': 5 },
  'names of all who acted, of people and of services': {
    'identity.review.list': 5,
    'identity.review.read': 5,
    'identity.review.evidence': 5,
    'identity.review-item.list': 6,
  },
  'consents of other tenants, each of which is read for itself': { 'identity.delegated-access.list': 9 },
  'everything that is known of a person, table by table': {
    'identity.person.export': 25,
    'identity.own-data.read': 25,
  },
  'past events, and names of people': {
    'accounting.entry.explain': 6,
    'audit.event.list': 6,
    'audit.event.read': 7,
  },
  'the record that the thread belongs to, which decides who reads the comment': {
    'collaboration.comment-version.list': 5,
  },
  'the records themselves, of all types at once, and names of people behind those of members': {
    'collaboration.own-task.list': 5,
    'collaboration.tagged-record.list': 5,
  },
  'the record itself, from a read model, which decides who speaks of it: a snapshot, and the record in it': {
    'collaboration.comment.write': 4,
    'collaboration.task.set': 4,
  },
  'the same, and the state of the tag, a stream of binding facts': { 'collaboration.record.tag': 5 },
  'the same of a member: whether they are one, their roles and their name': { 'collaboration.comment.edit': 6 },
  'the name, which one tag alone may have: held in its own stream before, and confirmed in it behind': {
    'collaboration.tag.create': 4,
  },
  'a request of approval, which is submitted in its place, and who made the rule': { 'approvals.rule.remove': 9 },
  'the event that posted the entry, as binding as the ledger that it is in': {
    'accounting.entry.hold': 3,
    'accounting.entry.release': 3,
    'accounting.entry.reverse': 3,
  },
  'the grants that are reviewed, page by page, who reviews them, and the number of the review': {
    'identity.review.start': 10,
    'identity.review.close': 3,
  },
  'rights of others, or whether somebody was erased': {
    'identity.member.reactivate': 4,
    'identity.retention.set': 3,
    'identity.retention.lift': 3,
    'approvals.rule.set': 3,
  },
};
