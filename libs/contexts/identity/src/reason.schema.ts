import { plainText } from '@daybook/kernel';

/** The reason given, recorded with the event as evidence. */
export const reason = plainText(500, 3, 'Give a reason.');
