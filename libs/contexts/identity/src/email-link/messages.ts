import { asOneLine } from '@daybook/kernel';
import type { Message } from '@daybook/mail';

/*
 * The texts of mails. Somebody else may read them, so they contain no secret but the link, and no name or address but the
 * inviter's. The token is in the URL fragment (`#`): browsers do not send it to servers, so it reaches no log.
 */
type Text = Omit<Message, 'to' | 'about'>;

const lines = (...paragraphs: string[]): string => `${paragraphs.join('\n\n')}\n`;
const days = (count: number): string => `${count} days`;
const inHours = (minutes: number): string => (minutes === 60 ? 'one hour' : `${minutes / 60} hours`);

/** Pages of the console (apps/web/src/app/app.routes.ts). */
export type EmailLinkPage = 'invitation' | 'password/new' | 'email';
export const linkTo = (publicUrl: string, page: EmailLinkPage, token: string): string =>
  `${publicUrl}/${page}#token=${token}`;

/** A dot that could be part of a web address, including full stops of other scripts that browsers accept. */
const leading = /[.\u3002\uff0e\uff61](?=[\p{L}\p{N}-]{2,})/gu;
const longestInSubject = 60;

/**
 * Makes a user-chosen name safe for a mail to a stranger: one line, no hidden characters, no quotes, and nothing that a mail
 * program turns into a link.
 */
export const nameInMail = (name: string): string =>
  asOneLine(name)
    .replaceAll(/["\u201c\u201d\u201e\u00ab\u00bb<>]/g, "'")
    .replaceAll(/:\s*\/\//g, ' ')
    .replaceAll('@', '(at)')
    .replaceAll(leading, '[.]');

const truncate = (text: string, most: number): string =>
  text.length > most ? `${text.slice(0, most - 3).trimEnd()}...` : text;

/** Tenants may have equal or similar names: the verified address of the inviter tells them apart. */
export const invitationMail = (
  { tenantName, by }: { readonly tenantName: string; readonly by: string | null },
  link: string,
  goodDays: number,
): Text => {
  const name = nameInMail(tenantName);
  return {
    subject: `You are invited to ${truncate(name, longestInSubject)}`,
    text: lines(
      `You are invited to work in "${name}" with Daybook.`,
      by === null
        ? 'The person who invited you no longer has an address here.'
        : `Invited by: ${by}\nThis address is verified. The name above is not: anybody can choose it, so rely on the address.`,
      `To accept, open this link:\n${link}`,
      `It works once, for ${days(goodDays)}. If you did not expect this, you can ignore it.`,
    ),
  };
};

export const passwordResetMail = (link: string, minutes: number): Text => ({
  subject: 'Set a new password',
  text: lines(
    'Somebody, probably you, asked to reset the password of your Daybook account.',
    `To set one, open this link:\n${link}`,
    `It works once, for ${inHours(minutes)}. If it was not you, you can ignore this mail: the password stays as it is.`,
  ),
});

export const emailChangeMail = (link: string, minutes: number): Text => ({
  subject: 'Confirm your new e-mail address',
  text: lines(
    'This address was entered as the new address of a Daybook account.',
    `To confirm, open this link:\n${link}`,
    `It works once, for ${inHours(minutes)}. If it was not you, you can ignore this mail: nothing changes.`,
  ),
});

const notYou =
  'If it was not you, set a new password at once on the sign-in page ("Forgot your password?"), and tell your administrator.';

const told = {
  'email-asked': ['A change of your e-mail address was requested', 'Somebody who is signed in to your account asked to change its e-mail address. It changes once the new address is confirmed.'],
  'email-changed': ['Your e-mail address was changed', 'The e-mail address of your Daybook account was changed. From now on you sign in with the new one; nothing more is sent to this one.'],
  'password-changed': ['Your password was changed', 'The password of your Daybook account was changed. You were signed out wherever else you were signed in.'],
  'mfa-method-added': ['A way to sign in was added', 'A second factor or a passkey was added to your Daybook account.'],
  'mfa-method-removed': ['A way to sign in was removed', 'A second factor or a passkey was removed from your Daybook account. You were signed out wherever else you were signed in.'],
  'recovery-codes': ['You have new recovery codes', 'New recovery codes were generated for your Daybook account. The old ones no longer work.'],
  'sso-account-linked': ['An SSO account was linked', 'Your Daybook account can now be signed in to with an account at an SSO provider.'],
  'sso-account-unlinked': ['An SSO account was unlinked', 'Your Daybook account can no longer be signed in to with an account at an SSO provider.'],
} as const; // prettier-ignore
export type Notice = keyof typeof told;

/** Notifies the owner of an account what happened to it (ASVS 6.3.7). */
export const noticeMail = (notice: Notice): Text => {
  const [subject, what] = told[notice];
  // The old address cannot be used to reset the password any more.
  return {
    subject,
    text: lines(what, notice === 'email-changed' ? 'If it was not you, tell your administrator.' : notYou),
  };
};
