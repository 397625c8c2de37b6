import { perform } from '@daybook/server';
import type { IdentityParts, Room } from '../room.js';
import { forPerson } from '../session/session.room.js';
import { EmailChange } from './email-change.js';
import { askEmailChange, askPasswordReset, confirmEmail, finishPasswordReset } from './link.operations.js';
import { Links } from './links.js';
import { Notices } from './notices.js';
import { PasswordReset } from './password-reset.js';

export function linkRoom(parts: IdentityParts): Room {
  const links = new Links(parts.pool, parts.secret);
  const notices = new Notices(parts);
  const reset = new PasswordReset(parts, links, notices);
  const emailChange = new EmailChange(parts, links, notices);
  return {
    bindings: [
      perform(askPasswordReset, (input, asking) => reset.ask(input, asking)),
      perform(finishPasswordReset, (input, asking) => reset.finish(input, asking)),
      perform(
        askEmailChange,
        forPerson((personId, input) => emailChange.ask(personId, input)),
      ),
      perform(confirmEmail, ({ token }, asking) => emailChange.confirm(token, asking)),
    ],
  };
}
