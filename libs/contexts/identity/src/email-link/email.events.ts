import { event, personal } from '@daybook/kernel';
import * as z from 'zod';

/** In the person's own stream. The previous address stays in the log, sealed under the same key. */
export const emailChanged = event('identity.email-changed', {
  data: z.object({ personId: z.uuid(), email: personal(z.string(), 'personId') }),
  record: (data) => ({ type: 'identity.person', id: data.personId }),
});
