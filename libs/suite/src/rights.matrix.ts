/*
 * Who may do what: written and reviewed by hand, from what each role is for, and never made from the code that decides it.
 * `rights.e2e.spec.ts` walks every route and every field of GraphQL against it, and fails on an operation that has no line.
 *
 *   Admin       runs the tenant: people, rights, companies, charts of accounts. Does not post to the books.
 *   Accountant  keeps the books, and sees who works here and what they may do: who works by four eyes knows the other two.
 *   Staff       looks things up in the books and their documents.
 *   Auditor     reads everything and changes nothing; his own account is his own.
 *   Vendor      sees what is his, and nothing else of anybody.
 *   Clerk       a role made by the tenant in the spec: reads what an Auditor reads, with every guarded field masked.
 *
 * `masked` is allowed, with the guarded fields of the answer hidden; `open` asks nobody who he is, so a role means nothing.
 */
export const columns = ['Admin', 'Accountant', 'Staff', 'Auditor', 'Vendor', 'Clerk'] as const;
export type Column = (typeof columns)[number];
export type Cell = 'allowed' | 'masked' | 'denied';

const books = `
# Companies, journals and accounts are set up by whoever runs the tenant, and by whoever keeps its books.
accounting.company.create              allowed  allowed  denied   denied   denied   denied
accounting.company.list                allowed  allowed  allowed  allowed  denied   allowed
accounting.journal.add                 allowed  allowed  denied   denied   denied   denied
accounting.journal.list                allowed  allowed  allowed  allowed  denied   allowed
accounting.account.add                 allowed  allowed  denied   denied   denied   denied
accounting.account.change              allowed  allowed  denied   denied   denied   denied
accounting.account.list                allowed  allowed  allowed  allowed  denied   allowed
accounting.account.read                allowed  allowed  allowed  allowed  denied   allowed
accounting.statement.read              allowed  allowed  allowed  allowed  denied   masked
accounting.trial-balance.read          allowed  allowed  allowed  allowed  denied   allowed
accounting.figure.explain              allowed  allowed  allowed  allowed  denied   masked
# Who gives rights must not be able to move money: the Admin touches no entry and no import of entries.
accounting.entry.post                  denied   allowed  denied   denied   denied   denied
accounting.entry.reverse               denied   allowed  denied   denied   denied   denied
accounting.entry.hold                  denied   allowed  denied   denied   denied   denied
accounting.entry.release               denied   allowed  denied   denied   denied   denied
accounting.entry.list                  allowed  allowed  allowed  allowed  denied   masked
accounting.entry.read                  allowed  allowed  allowed  allowed  denied   masked
# Shows texts of an imported entry alone, and the one of the spec was posted.
accounting.entry.explain               allowed  allowed  allowed  allowed  denied   allowed
accounting.import.start                denied   allowed  denied   denied   denied   denied
accounting.import.post                 denied   allowed  denied   denied   denied   denied
accounting.import.cancel               denied   allowed  denied   denied   denied   denied
accounting.import.list                 allowed  allowed  allowed  allowed  denied   allowed
accounting.import.read                 allowed  allowed  allowed  allowed  denied   allowed
# The one window of a Vendor into the books; for the others it is a way to read what they read anyway.
accounting.own-item.list               allowed  allowed  allowed  allowed  allowed  masked
`;

const approvals = `
# Who decides a held command must be able to know what it means: the Accountant, and the Admin for grants.
# Nobody decides his own; that is a rule of the domain (409), not a right.
approvals.command.list                 allowed  allowed  denied   allowed  denied   allowed
approvals.command.read                 allowed  allowed  denied   allowed  denied   allowed
approvals.command.approve              allowed  allowed  denied   denied   denied   denied
approvals.command.reject               allowed  allowed  denied   denied   denied   denied
approvals.command.withdraw             allowed  allowed  denied   denied   denied   denied
approvals.command.change               allowed  allowed  denied   denied   denied   denied
# The rules are a control of the tenant: whoever they bind does not set them.
approvals.rule.list                    allowed  allowed  denied   allowed  denied   allowed
approvals.operation.list               allowed  allowed  denied   allowed  denied   allowed
approvals.rule.set                     allowed  denied   denied   denied   denied   denied
approvals.rule.remove                  allowed  denied   denied   denied   denied   denied
`;

const trail = `
# The trail shows what everybody did: not for Staff, and not for a Vendor.
audit.event.list                       allowed  allowed  denied   allowed  denied   allowed
audit.event.read                       allowed  allowed  denied   allowed  denied   allowed
files.file.upload                      allowed  allowed  denied   denied   denied   denied
files.file.read                        allowed  allowed  allowed  allowed  denied   allowed
# Hints say that something changed and never what; each hint is for those who may read its view.
live.updates                           allowed  allowed  allowed  allowed  allowed  allowed
platform.job.list                      allowed  allowed  denied   allowed  denied   allowed
platform.job.read                      allowed  allowed  denied   allowed  denied   allowed
platform.job.cancel                    allowed  allowed  denied   denied   denied   denied
platform.projection.list               allowed  allowed  denied   allowed  denied   allowed
platform.projection.rebuild            allowed  denied   denied   denied   denied   denied
platform.projection.retry              allowed  denied   denied   denied   denied   denied
`;

const people = `
# Names of colleagues are shown beside what they did, so whoever reads the books reads them; addresses are of members.
identity.person.read                   allowed  allowed  allowed  allowed  denied   allowed
identity.actor.list                    allowed  allowed  allowed  allowed  denied   allowed
identity.member.list                   allowed  allowed  denied   allowed  denied   masked
identity.member.read                   allowed  allowed  denied   allowed  denied   masked
identity.member.deactivate             allowed  denied   denied   denied   denied   denied
identity.member.reactivate             allowed  denied   denied   denied   denied   denied
identity.member.sign-out               allowed  denied   denied   denied   denied   denied
identity.invitation.send               allowed  denied   denied   denied   denied   denied
identity.invitation.list               allowed  allowed  denied   allowed  denied   masked
identity.invitation.withdraw           allowed  denied   denied   denied   denied   denied
# Everything about one person in one document is more than any reading of the tenant: the Admin's, who answers for it.
identity.person.export                 allowed  denied   denied   denied   denied   denied
identity.person.erase                  allowed  denied   denied   denied   denied   denied
identity.erasure.read                  allowed  allowed  denied   allowed  denied   allowed
identity.retention.set                 allowed  denied   denied   denied   denied   denied
identity.retention.lift                allowed  denied   denied   denied   denied   denied
`;

const rights = `
identity.grant.list                    allowed  allowed  denied   allowed  denied   allowed
identity.grant.give                    allowed  denied   denied   denied   denied   denied
identity.grant.revoke                  allowed  denied   denied   denied   denied   denied
identity.role.list                     allowed  allowed  denied   allowed  denied   allowed
identity.role.read                     allowed  allowed  denied   allowed  denied   allowed
identity.role.define                   allowed  denied   denied   denied   denied   denied
identity.role.change                   allowed  denied   denied   denied   denied   denied
identity.role.remove                   allowed  denied   denied   denied   denied   denied
identity.permission.list               allowed  allowed  denied   allowed  denied   allowed
identity.conflict.list                 allowed  allowed  denied   allowed  denied   allowed
identity.conflict.set                  allowed  denied   denied   denied   denied   denied
identity.conflict.remove               allowed  denied   denied   denied   denied   denied
identity.violation.list                allowed  allowed  denied   allowed  denied   allowed
identity.policy.read                   allowed  allowed  denied   allowed  denied   allowed
identity.policy.set                    allowed  denied   denied   denied   denied   denied
identity.tenant.found                  allowed  denied   denied   denied   denied   denied
identity.tenant.rename                 allowed  denied   denied   denied   denied   denied
identity.provider.list                 allowed  allowed  denied   allowed  denied   allowed
identity.provider.set                  allowed  denied   denied   denied   denied   denied
identity.provider.remove               allowed  denied   denied   denied   denied   denied
# A key is a way in that needs no person: who may make one may do whatever its scopes say.
identity.service.list                  allowed  allowed  denied   allowed  denied   allowed
identity.service.create                allowed  denied   denied   denied   denied   denied
identity.service.deactivate            allowed  denied   denied   denied   denied   denied
identity.key.list                      allowed  allowed  denied   allowed  denied   allowed
identity.key.issue                     allowed  denied   denied   denied   denied   denied
identity.key.revoke                    allowed  denied   denied   denied   denied   denied
identity.consent.list                  allowed  allowed  denied   allowed  denied   masked
identity.consent.stop                  allowed  denied   denied   denied   denied   denied
# The review of access is evidence: the Auditor reads all of it and decides nothing.
identity.review.start                  allowed  denied   denied   denied   denied   denied
identity.review.list                   allowed  allowed  denied   allowed  denied   allowed
identity.review.read                   allowed  allowed  denied   allowed  denied   allowed
identity.review-item.list              allowed  allowed  denied   allowed  denied   allowed
identity.review.decide                 allowed  denied   denied   denied   denied   denied
identity.review.close                  allowed  denied   denied   denied   denied   denied
identity.review.evidence               allowed  allowed  denied   allowed  denied   allowed
`;

/** What everybody does with his own account, whatever his roles are, and nobody with another's. */
const own = `
identity.session.read                  allowed  allowed  allowed  allowed  allowed  allowed
identity.session.confirm               allowed  allowed  allowed  allowed  allowed  allowed
identity.password.change               allowed  allowed  allowed  allowed  allowed  allowed
identity.own-session.list              allowed  allowed  allowed  allowed  allowed  allowed
identity.own-session.end               allowed  allowed  allowed  allowed  allowed  allowed
identity.own-session.end-others        allowed  allowed  allowed  allowed  allowed  allowed
identity.own-factor.list               allowed  allowed  allowed  allowed  allowed  allowed
identity.own-totp.add                  allowed  allowed  allowed  allowed  allowed  allowed
identity.own-totp.confirm              allowed  allowed  allowed  allowed  allowed  allowed
identity.own-totp.remove               allowed  allowed  allowed  allowed  allowed  allowed
identity.own-recovery-codes.make       allowed  allowed  allowed  allowed  allowed  allowed
identity.own-passkey.options           allowed  allowed  allowed  allowed  allowed  allowed
identity.own-passkey.add               allowed  allowed  allowed  allowed  allowed  allowed
identity.own-passkey.remove            allowed  allowed  allowed  allowed  allowed  allowed
identity.own-name.set                  allowed  allowed  allowed  allowed  allowed  allowed
identity.own-email.change              allowed  allowed  allowed  allowed  allowed  allowed
identity.own-provider.list             allowed  allowed  allowed  allowed  allowed  allowed
identity.own-provider.link             allowed  allowed  allowed  allowed  allowed  allowed
identity.own-provider.unlink           allowed  allowed  allowed  allowed  allowed  allowed
identity.own-data.read                 allowed  allowed  allowed  allowed  allowed  allowed
# A key of one's own can do no more than one may oneself.
identity.own-key.list                  allowed  allowed  allowed  allowed  allowed  allowed
identity.own-key.issue                 allowed  allowed  allowed  allowed  allowed  allowed
identity.own-key.revoke                allowed  allowed  allowed  allowed  allowed  allowed
# Support acts only for somebody who allowed it, so everybody may allow it, and whoever is named may enter.
identity.support.list                  allowed  allowed  allowed  allowed  allowed  allowed
identity.support.allow                 allowed  allowed  allowed  allowed  allowed  allowed
identity.support.end                   allowed  allowed  allowed  allowed  allowed  allowed
identity.support.enter                 allowed  allowed  allowed  allowed  allowed  allowed
`;

/** What asks nobody who he is: it proves a password, a cookie, a factor or a link instead. */
export const open = [
  'identity.session.open',
  'identity.session.refresh',
  'identity.session.close',
  'identity.session.complete',
  'identity.session.methods',
  'identity.session.passkey-options',
  'identity.session.open-with-passkey',
  'identity.session.provider',
  'identity.session.provider-callback',
  'identity.invitation.look',
  'identity.invitation.accept',
  'identity.password.reset',
  'identity.password.reset-finish',
  'identity.email.confirm',
] as const;

function read(text: string): [string, Readonly<Record<Column, Cell>>][] {
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [name = '', ...cells] = line.split(/ +/);
      if (cells.length !== columns.length) throw new Error(`${name} has ${cells.length} cells`);
      return [name, Object.fromEntries(columns.map((column, i) => [column, cells[i] as Cell])) as Record<Column, Cell>];
    });
}

const lines = [books, approvals, trail, people, rights, own].flatMap(read);
export const matrix: ReadonlyMap<string, Readonly<Record<Column, Cell>>> = new Map(lines);
if (matrix.size !== lines.length) throw new Error('An operation has two lines');
