import * as z from 'zod';
import { job } from '../port.js';

/* Jobs that the contract of the port runs. */
export const count = job('test.count', { title: 'Count to a number', input: z.object({ to: z.int() }), attempts: 2 });
export const quick = job('test.quick', { title: 'Be quick', input: z.object({}), attempts: 1, timeoutSeconds: 1 });
