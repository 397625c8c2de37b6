/*
 * Who may do what: written and reviewed by hand, from the purpose of each role, never generated from the code that decides it.
 * `rights.e2e.spec.ts` checks every REST route and every GraphQL field against it, and fails on an operation without a line.
 *
 *   Admin       runs the tenant: people, rights, companies, charts of accounts. Does not post to the books.
 *   Accountant  keeps the books, and sees who works here and what they may do: four eyes work only if people know the other two.
 *   Staff       looks things up in the books and their documents.
 *   Auditor     reads everything and changes nothing; manages their own account.
 *   Vendor      sees what names them, and nothing else.
 *   Clerk       a role made by the tenant in the spec: reads what an Auditor reads, with every guarded field masked.
 *
 * `masked` is allowed, with the guarded fields of the answer hidden; `open` needs no sign-in, so roles do not matter.
 *
 * After the bar follows what applies to every role:
 *
 *   fresh       needs a recent proof of identity, so neither API keys nor delegates can do it. Everything that gives
 *               rights, lowers a control, reads everything about one person, or shuts somebody out for longer than they
 *               can sign in again. Not: what stops something at once (revoking a key, ending delegated access), which must not wait.
 *   delegated   a delegate who acts for a person does it, with that person's rights: the books, and looking at settings.
 *               Everything else is closed to delegates: what they could not undo, what controls access (reviews, consents,
 *               invitations, erasures), and what is the person's own.
 *   widens      its effect may widen what somebody may do, or lower a control over it: so a rule of the tenant may ask for a
 *               second person, and one rule for all of them. `second`: a rule may ask for one for another reason. Everything else narrows, reads, or touches
 *               nothing but the account of who does it. Every command is decided on here; the spec fails on a new one.
 */
export const columns = ['Admin', 'Accountant', 'Staff', 'Auditor', 'Vendor', 'Clerk'] as const;
export type Column = (typeof columns)[number];
export type Cell = 'allowed' | 'masked' | 'denied';

const books = `
# Companies, journals and accounts are set up by people who run the tenant, and by people who keep its books.
accounting.company.create                  allowed  allowed  denied   denied   denied   denied  | -      delegated -
accounting.company.list                    allowed  allowed  allowed  allowed  denied   allowed | -      delegated -
accounting.company.read                    allowed  allowed  allowed  allowed  denied   allowed | -      delegated -
accounting.journal.add                     allowed  allowed  denied   denied   denied   denied  | -      delegated -
accounting.journal.list                    allowed  allowed  allowed  allowed  denied   allowed | -      delegated -
accounting.account.add                     allowed  allowed  denied   denied   denied   denied  | -      delegated -
accounting.account.change                  allowed  allowed  denied   denied   denied   denied  | -      delegated -
accounting.account.remove                  allowed  allowed  denied   denied   denied   denied  | -      delegated -
accounting.account.list                    allowed  allowed  allowed  allowed  denied   allowed | -      delegated -
accounting.account.read                    allowed  allowed  allowed  allowed  denied   allowed | -      delegated -
accounting.account-ledger.read             allowed  allowed  allowed  allowed  denied   masked  | -      delegated -
accounting.trial-balance.read              allowed  allowed  allowed  allowed  denied   allowed | -      delegated -
accounting.figure.explain                  allowed  allowed  allowed  allowed  denied   masked  | -      delegated -
# Who gives rights must not be able to move money: the Admin touches no entry and no import of entries.
accounting.entry.post                      denied   allowed  denied   denied   denied   denied  | -      delegated second
accounting.entry.reverse                   denied   allowed  denied   denied   denied   denied  | -      delegated second
accounting.entry.hold                      denied   allowed  denied   denied   denied   denied  | -      delegated -
accounting.entry.release                   denied   allowed  denied   denied   denied   denied  | -      delegated second
accounting.entry.list                      allowed  allowed  allowed  allowed  denied   masked  | -      delegated -
accounting.entry.read                      allowed  allowed  allowed  allowed  denied   masked  | -      delegated -
# Shows descriptions of an imported entry alone, and the one of the spec was posted.
accounting.entry.explain                   allowed  allowed  allowed  allowed  denied   allowed | -      delegated -
accounting.import.start                    denied   allowed  denied   denied   denied   denied  | -      delegated -
accounting.import.post                     denied   allowed  denied   denied   denied   denied  | -      delegated second
accounting.import.cancel                   denied   allowed  denied   denied   denied   denied  | -      delegated -
accounting.import.list                     allowed  allowed  allowed  allowed  denied   allowed | -      delegated -
accounting.import.read                     allowed  allowed  allowed  allowed  denied   allowed | -      delegated -
# The one window of a Vendor into the books; for the others it is a way to read what they read anyway.
accounting.subledger-line.list         allowed  allowed  allowed  allowed  allowed  masked  | -      delegated -
`;

const approvals = `
# Who decides a held command must be able to know what it means: the Accountant, and the Admin for grants.
# Requesters cannot approve their own request; that is a domain rule (409), not a permission.
approvals.request.list                     allowed  allowed  denied   allowed  denied   allowed | -      delegated -
approvals.request.read                     allowed  allowed  denied   allowed  denied   allowed | -      delegated -
approvals.request.approve                  allowed  allowed  denied   denied   denied   denied  | fresh  -         -
approvals.request.reject                   allowed  allowed  denied   denied   denied   denied  | -      -         -
approvals.request.withdraw                 allowed  allowed  denied   denied   denied   denied  | -      delegated -
approvals.request.change                   allowed  allowed  denied   denied   denied   denied  | -      delegated -
# The rules are a control of the tenant: people bound by them do not set them.
approvals.rule.list                        allowed  allowed  denied   allowed  denied   allowed | -      delegated -
approvals.operation.list                   allowed  allowed  denied   allowed  denied   allowed | -      delegated -
approvals.rule.set                         allowed  denied   denied   denied   denied   denied  | fresh  -         widens
approvals.rule.remove                      allowed  denied   denied   denied   denied   denied  | fresh  -         widens
`;

const trail = `
# The trail shows what everybody did: not for Staff, and not for a Vendor.
audit.event.list                           allowed  allowed  denied   allowed  denied   allowed | -      delegated -
audit.event.read                           allowed  allowed  denied   allowed  denied   masked  | -      delegated -
files.file.upload                          allowed  allowed  denied   denied   denied   denied  | -      delegated -
files.file.read                            allowed  allowed  allowed  allowed  denied   allowed | -      delegated -
# Hints say that something changed and never what; each hint is for those who may read what its channel is about.
live.updates                               allowed  allowed  allowed  allowed  allowed  allowed | -      delegated -
platform.job.list                          allowed  allowed  denied   allowed  denied   allowed | -      delegated -
platform.job.read                          allowed  allowed  denied   allowed  denied   allowed | -      delegated -
platform.job.cancel                        allowed  allowed  denied   denied   denied   denied  | -      delegated -
# A file of what one may list is no more than the list, page by page. Not for delegates: what left cannot be called back.
platform.export.start                      allowed  allowed  allowed  allowed  allowed  allowed | -      -         -
platform.export.read                       allowed  allowed  allowed  allowed  allowed  allowed | -      -         -
platform.export.cancel                     allowed  allowed  allowed  allowed  allowed  allowed | -      -         -
# Each row needs the permission for its command, asked again when it is run: who may add one account may add many.
platform.import.inspect                    allowed  allowed  allowed  allowed  allowed  allowed | -      -         -
platform.import.start                      allowed  allowed  allowed  allowed  allowed  allowed | -      -         -
platform.bulk.start                        allowed  allowed  allowed  allowed  allowed  allowed | -      -         -
platform.import.run                        allowed  allowed  allowed  allowed  allowed  allowed | -      -         -
platform.import.revert                     allowed  allowed  allowed  allowed  allowed  allowed | -      -         -
platform.import.cancel                     allowed  allowed  allowed  allowed  allowed  allowed | -      -         -
platform.import.read                       allowed  allowed  allowed  allowed  allowed  allowed | -      -         -
platform.import-row.list                   allowed  allowed  allowed  allowed  allowed  allowed | -      -         -
platform.import-template.list              allowed  allowed  allowed  allowed  allowed  allowed | -      -         -
platform.import-template.keep              allowed  allowed  allowed  allowed  allowed  allowed | -      -         -
platform.connection.list                   allowed  allowed  denied   allowed  denied   allowed | -      delegated -
platform.projection.list                   allowed  allowed  denied   allowed  denied   allowed | -      delegated -
platform.projection.retry                  allowed  denied   denied   denied   denied   denied  | -      -         -
`;

const collaboration = `
# Who may read a record reads what is said about it; the records themselves decide (404). The Auditor changes nothing, and a
# Vendor is no colleague. What colleagues say to each other is not for a delegate.
collaboration.comment.write            allowed  allowed  allowed  denied   denied   denied  | -      -         -
collaboration.comment.edit             allowed  allowed  allowed  denied   denied   denied  | -      -         -
collaboration.comment.withdraw         allowed  allowed  allowed  denied   denied   denied  | -      -         -
collaboration.comment.list             allowed  allowed  allowed  allowed  allowed  masked  | -      -         -
collaboration.comment-version.list     allowed  allowed  allowed  allowed  allowed  masked  | -      -         -
collaboration.record.follow            allowed  allowed  allowed  allowed  allowed  allowed | -      -         -
collaboration.record.unfollow          allowed  allowed  allowed  allowed  allowed  allowed | -      -         -
collaboration.record.followers         allowed  allowed  allowed  allowed  allowed  allowed | -      -         -
collaboration.notification.list        allowed  allowed  allowed  allowed  allowed  allowed | -      -         -
collaboration.notification.mark-read   allowed  allowed  allowed  allowed  allowed  allowed | -      -         -
collaboration.inbox.mark-read          allowed  allowed  allowed  allowed  allowed  allowed | -      -         -
# The register of tags is kept by those who set up the tenant and its books; putting them on records is for everybody who works there.
collaboration.tag.create               allowed  allowed  denied   denied   denied   denied  | -      -         -
collaboration.tag.change               allowed  allowed  denied   denied   denied   denied  | -      -         -
collaboration.tag.retire               allowed  allowed  denied   denied   denied   denied  | -      -         -
collaboration.tag.restore              allowed  allowed  denied   denied   denied   denied  | -      -         -
collaboration.tag.list                 allowed  allowed  allowed  allowed  denied   allowed | -      -         -
collaboration.tag.read                 allowed  allowed  allowed  allowed  denied   allowed | -      -         -
collaboration.record.tag               allowed  allowed  allowed  denied   denied   denied  | -      -         -
collaboration.record.untag             allowed  allowed  allowed  denied   denied   denied  | -      -         -
collaboration.record-tag.list          allowed  allowed  allowed  allowed  allowed  allowed | -      -         -
collaboration.tagged-record.list       allowed  allowed  allowed  allowed  allowed  allowed | -      -         -
# Who may attach a file may upload one.
collaboration.attachment.attach        allowed  allowed  denied   denied   denied   denied  | -      -         -
collaboration.attachment.remove        allowed  allowed  denied   denied   denied   denied  | -      -         -
collaboration.attachment.list          allowed  allowed  allowed  allowed  allowed  masked  | -      -         -
# A task is of a person, and for one.
collaboration.task.set                 allowed  allowed  allowed  denied   denied   denied  | -      -         -
collaboration.task.finish              allowed  allowed  allowed  denied   denied   denied  | -      -         -
collaboration.task.reopen              allowed  allowed  allowed  denied   denied   denied  | -      -         -
collaboration.task.list                allowed  allowed  allowed  allowed  allowed  masked  | -      -         -
collaboration.own-task.list            allowed  allowed  allowed  allowed  allowed  allowed | -      -         -
`;

const customization = `
# What the tenant adds to its records is set by who runs it, and known to everybody who reads such records.
customization.custom-field.create          allowed  denied   denied   denied   denied   denied  | -      -         -
customization.custom-field.change          allowed  denied   denied   denied   denied   denied  | -      -         -
customization.custom-field.retire          allowed  denied   denied   denied   denied   denied  | -      -         -
customization.custom-field.restore         allowed  denied   denied   denied   denied   denied  | -      -         -
customization.custom-field.list            allowed  allowed  allowed  allowed  denied   allowed | -      delegated -
customization.custom-field.read            allowed  allowed  allowed  allowed  denied   allowed | -      delegated -
customization.record-type.list             allowed  allowed  allowed  allowed  denied   allowed | -      -         -
`;

const people = `
# Names of colleagues are shown beside what they did, so everybody who reads the books reads them; addresses belong to members.
identity.person.list                   allowed  allowed  allowed  allowed  denied   allowed | -      delegated -
identity.actor.list                    allowed  allowed  allowed  allowed  denied   allowed | -      delegated -
identity.member.list                   allowed  allowed  denied   allowed  denied   masked  | -      delegated -
identity.member.read                   allowed  allowed  denied   allowed  denied   masked  | -      delegated -
identity.member.change                 allowed  denied   denied   denied   denied   denied  | -      -         -
identity.member.deactivate             allowed  denied   denied   denied   denied   denied  | fresh  -         -
identity.member.reactivate             allowed  denied   denied   denied   denied   denied  | fresh  -         widens
identity.member.sign-out               allowed  denied   denied   denied   denied   denied  | fresh  -         -
identity.invitation.send               allowed  denied   denied   denied   denied   denied  | fresh  -         widens
identity.invitation.list               allowed  allowed  denied   allowed  denied   masked  | -      -         -
identity.invitation.withdraw           allowed  denied   denied   denied   denied   denied  | -      -         -
identity.invitation.erase              allowed  denied   denied   denied   denied   denied  | fresh  -         -
# Everything about one person in one document is more than any reading of the tenant: the Admin's, who answers for it.
identity.person.export                 allowed  denied   denied   denied   denied   denied  | fresh  -         -
identity.person.erase                  allowed  denied   denied   denied   denied   denied  | fresh  -         -
identity.erasure.read                  allowed  allowed  denied   allowed  denied   allowed | -      -         -
identity.retention.set                 allowed  denied   denied   denied   denied   denied  | fresh  -         widens
identity.retention.lift                allowed  denied   denied   denied   denied   denied  | fresh  -         widens
`;

const rights = `
identity.grant.list                    allowed  allowed  denied   allowed  denied   allowed | -      delegated -
identity.grant.give                    allowed  denied   denied   denied   denied   denied  | fresh  -         widens
identity.grant.revoke                  allowed  denied   denied   denied   denied   denied  | fresh  -         -
identity.role.list                     allowed  allowed  denied   allowed  denied   allowed | -      delegated -
identity.role.read                     allowed  allowed  denied   allowed  denied   allowed | -      delegated -
identity.role.define                   allowed  denied   denied   denied   denied   denied  | fresh  -         widens
identity.role.change                   allowed  denied   denied   denied   denied   denied  | fresh  -         widens
identity.role.remove                   allowed  denied   denied   denied   denied   denied  | fresh  -         -
identity.permission.list               allowed  allowed  denied   allowed  denied   allowed | -      delegated -
identity.sod-rule.list                 allowed  allowed  denied   allowed  denied   allowed | -      delegated -
identity.sod-rule.set                  allowed  denied   denied   denied   denied   denied  | fresh  -         widens
identity.sod-rule.remove               allowed  denied   denied   denied   denied   denied  | fresh  -         widens
identity.sod-violation.list            allowed  allowed  denied   allowed  denied   allowed | -      delegated -
identity.policy.read                   allowed  allowed  denied   allowed  denied   allowed | -      delegated -
identity.policy.set                    allowed  denied   denied   denied   denied   denied  | fresh  -         widens
identity.tenant.create                 allowed  denied   denied   denied   denied   denied  | fresh  -         -
identity.tenant.rename                 allowed  denied   denied   denied   denied   denied  | fresh  -         -
identity.sso-provider.list             allowed  allowed  denied   allowed  denied   allowed | -      delegated -
identity.sso-provider.set              allowed  denied   denied   denied   denied   denied  | fresh  -         widens
identity.sso-provider.remove           allowed  denied   denied   denied   denied   denied  | fresh  -         -
# A key is a way in that needs no person: who may make one may do whatever its scopes say.
identity.service.list                  allowed  allowed  denied   allowed  denied   allowed | -      delegated -
identity.service.create                allowed  denied   denied   denied   denied   denied  | fresh  -         widens
identity.service.deactivate            allowed  denied   denied   denied   denied   denied  | fresh  -         -
identity.api-key.list                  allowed  allowed  denied   allowed  denied   allowed | -      delegated -
identity.api-key.issue                 allowed  denied   denied   denied   denied   denied  | fresh  -         widens
identity.api-key.revoke                allowed  denied   denied   denied   denied   denied  | -      -         -
identity.delegated-access-consent.list allowed  allowed  denied   allowed  denied   masked  | -      -         -
identity.delegated-access-consent.withdraw allowed  denied   denied   denied   denied   denied  | -      -         -
# The review of access is evidence: the Auditor reads all of it and decides nothing.
identity.review.start                  allowed  denied   denied   denied   denied   denied  | fresh  -         -
identity.review.list                   allowed  allowed  denied   allowed  denied   allowed | -      -         -
identity.review.read                   allowed  allowed  denied   allowed  denied   allowed | -      -         -
identity.review-item.list              allowed  allowed  denied   allowed  denied   allowed | -      -         -
identity.review.decide                 allowed  denied   denied   denied   denied   denied  | fresh  -         -
identity.review.close                  allowed  denied   denied   denied   denied   denied  | fresh  -         -
identity.review.evidence               allowed  allowed  denied   allowed  denied   allowed | -      -         -
`;

/** What people do with their own account, whatever their roles, and with no other account. */
const own = `
identity.session.read                  allowed  allowed  allowed  allowed  allowed  allowed | -      delegated -
identity.session.confirm               allowed  allowed  allowed  allowed  allowed  allowed | -      -         -
identity.password.change               allowed  allowed  allowed  allowed  allowed  allowed | -      -         -
identity.own-session.list              allowed  allowed  allowed  allowed  allowed  allowed | -      -         -
identity.own-session.end               allowed  allowed  allowed  allowed  allowed  allowed | fresh  -         -
identity.own-session.end-others        allowed  allowed  allowed  allowed  allowed  allowed | fresh  -         -
identity.own-mfa-method.list           allowed  allowed  allowed  allowed  allowed  allowed | -      -         -
identity.own-totp.add                  allowed  allowed  allowed  allowed  allowed  allowed | fresh  -         -
identity.own-totp.confirm              allowed  allowed  allowed  allowed  allowed  allowed | -      -         -
identity.own-totp.remove               allowed  allowed  allowed  allowed  allowed  allowed | fresh  -         -
identity.own-recovery-codes.generate   allowed  allowed  allowed  allowed  allowed  allowed | fresh  -         -
identity.own-passkey.options           allowed  allowed  allowed  allowed  allowed  allowed | fresh  -         -
identity.own-passkey.add               allowed  allowed  allowed  allowed  allowed  allowed | -      -         -
identity.own-passkey.remove            allowed  allowed  allowed  allowed  allowed  allowed | fresh  -         -
identity.own-name.set                  allowed  allowed  allowed  allowed  allowed  allowed | -      -         -
identity.own-email.change              allowed  allowed  allowed  allowed  allowed  allowed | fresh  -         -
identity.own-sso-account.list          allowed  allowed  allowed  allowed  allowed  allowed | -      -         -
identity.own-sso-account.link          allowed  allowed  allowed  allowed  allowed  allowed | fresh  -         -
identity.own-sso-account.unlink        allowed  allowed  allowed  allowed  allowed  allowed | fresh  -         -
identity.own-data.read                 allowed  allowed  allowed  allowed  allowed  allowed | fresh  -         -
# A key of one's own can do no more than one may oneself.
identity.own-api-key.list              allowed  allowed  allowed  allowed  allowed  allowed | -      -         -
identity.own-api-key.issue             allowed  allowed  allowed  allowed  allowed  allowed | fresh  -         widens
identity.own-api-key.revoke            allowed  allowed  allowed  allowed  allowed  allowed | -      -         -
# A delegate acts only for somebody who allowed it, so everybody may allow it, and the named person may enter.
identity.delegated-access.list         allowed  allowed  allowed  allowed  allowed  allowed | -      -         -
identity.delegated-access.allow        allowed  allowed  allowed  allowed  allowed  allowed | fresh  -         widens
identity.delegated-access.end          allowed  allowed  allowed  allowed  allowed  allowed | -      -         -
identity.delegated-access.enter        allowed  allowed  allowed  allowed  allowed  allowed | fresh  -         -
`;

/** Operations without a sign-in: they prove a password, a cookie, a second factor or an e-mail link instead. */
const anybody = `
identity.session.open                  | -      -         -
identity.session.refresh               | -      -         -
identity.session.close                 | -      -         -
identity.session.complete              | -      -         -
identity.session.methods               | -      -         -
identity.session.passkey-options       | -      -         -
identity.session.open-with-passkey     | -      -         -
identity.session.begin-sso             | -      -         -
identity.session.finish-sso            | -      -         -
identity.invitation.preview            | -      -         -
# What it gives was decided when it was sent: a rule that holds inviting holds it there.
identity.invitation.accept             | -      -         -
identity.password.reset                | -      -         -
identity.password.reset-finish         | -      -         -
identity.email.confirm                 | -      -         -
`;

/** What applies to an operation for every role. */
export interface Held {
  readonly fresh: boolean;
  readonly delegated: boolean;
  /** May a rule ask for a second person, and must one be able to, since it may widen rights or lower a control? */
  readonly second: 'widens' | 'second' | null;
}

function read(text: string): [name: string, cells: string[], held: Held][] {
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [before = '', behind = ''] = line.split(/ *\| */);
      const [name = '', ...cells] = before.split(/ +/);
      const [fresh = '', delegated = '', second = '', more] = behind.trim().split(/ +/);
      const known = /^(fresh|-) (delegated|-) (widens|second|-)$/.test(`${fresh} ${delegated} ${second}`);
      if (!known || more !== undefined) throw new Error(`${name} says ${behind} behind the bar`);
      const held = { fresh: fresh !== '-', delegated: delegated !== '-', second: second === '-' ? null : second };
      return [name, cells, held as Held];
    });
}

const lines = [books, approvals, trail, collaboration, customization, people, rights, own].flatMap(read);
export const matrix: ReadonlyMap<string, Readonly<Record<Column, Cell>>> = new Map(
  lines.map(([name, cells]) => {
    if (cells.length !== columns.length) throw new Error(`${name} has ${cells.length} cells`);
    return [name, Object.fromEntries(columns.map((column, i) => [column, cells[i] as Cell])) as Record<Column, Cell>];
  }),
);
if (matrix.size !== lines.length) throw new Error('An operation has two lines');

const anybodys = read(anybody);
export const open: readonly string[] = anybodys.map(([name]) => name);
/** The columns after the bar, by operation. */
export const held: ReadonlyMap<string, Held> = new Map([...lines, ...anybodys].map(([name, , of]) => [name, of]));
