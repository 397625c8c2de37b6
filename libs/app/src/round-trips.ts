/*
 * How many round trips to the database a request waits for, BEGIN and the query about session, rights and rules included.
 * Reviewed by hand; `round-trips.e2e.spec.ts` counts.
 *
 * - A read takes at most four: that query, BEGIN with the registry of read models, the rows, and all labels together; nobody waits
 *   for the end of a transaction that only reads.
 * - A command on a stream that is known takes two, that query and the append, and one more for each stream that its binding
 *   facts come from (`streamsOfFacts`): those are asked when it is decided, though another request asked a moment before.
 * - What takes more stands in `moreRoundTrips`, exactly how many, and why.
 */
export const mostRoundTrips = { answer: 4, decide: 2 } as const;

/** What the binding facts of a command come from, but for its own stream. */
export const streamsOfFacts: Readonly<Record<string, readonly string[]>> = {
  'accounting.entry.hold': ['the event that posted the entry, as binding as the ledger that it is in'],
  'accounting.entry.release': ['the event that posted the entry, as binding as the ledger that it is in'],
  'accounting.entry.reverse': ['the event that posted the entry, as binding as the ledger that it is in'],
  'approvals.rule.set': ['the roles of the tenant'],
  'identity.member.reactivate': ['whether their data was erased here', 'whether their account was erased'],
  'identity.retention.set': ['the members of the tenant'],
  'identity.retention.lift': ['the members of the tenant'],
  'identity.review.decide': ['who stands behind whose service accounts'],
  'identity.review.close': ['who stands behind whose service accounts'],
};

/** By what they take besides. */
export const moreRoundTrips: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  'everything that is known of a person, source by source: asked for a few times in the life of an account': {
    'identity.person.export': 25,
    'identity.own-data.read': 25,
  },
  'the record that the thread belongs to, which decides who reads the comment': {
    'collaboration.comment-version.list': 5,
  },
  'the records themselves, of all types at once, and names of people behind those of members': {
    'collaboration.own-task.list': 5,
    'collaboration.notification.list': 5,
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
  'waits for approval: whether it waits already, who could approve, and whether it would be refused (rights, and its stream)':
    {
      'approvals.rule.remove': 6,
    },
  'its company, its number, held and confirmed in another stream, the grants as the read models have them, and last uses':
    {
      'identity.review.start': 10,
    },
};
