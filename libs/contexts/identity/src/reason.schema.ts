import { plainText } from '@daybook/kernel';

/** Why somebody does it: kept with the event, as evidence. */
export const reason = plainText(500, 3, 'Give a reason.');
