import { type ContextPart, perform } from '@daybook/server';
import { forPerson } from '../session/session.part.js';
import { EmailChange } from './email-change.js';
import { askEmailChange, askPasswordReset, confirmEmail, finishPasswordReset } from './email-link.operations.js';
import { PasswordReset } from './password-reset.js';

export const emailLinkPart: ContextPart = {
  bindings: [
    perform(askPasswordReset, { reset: PasswordReset }, (input, asking, { reset }) => reset.ask(input, asking)),
    perform(finishPasswordReset, { reset: PasswordReset }, (input, asking, { reset }) => reset.finish(input, asking)),
    perform(
      askEmailChange,
      { emailChange: EmailChange },
      forPerson((personId, input, _asking, { emailChange }) => emailChange.ask(personId, input)),
    ),
    perform(confirmEmail, { emailChange: EmailChange }, ({ token }, asking, { emailChange }) =>
      emailChange.confirm(token, asking),
    ),
  ],
};
