import type { Role } from '@daybook/postgres';
import type { Logger } from 'pino';
import type { Config } from '../config.js';
import type { RateLimits } from '../dispatch/limits.js';

/** How one process runs the product. */
export interface CoreOptions {
  readonly config: Config;
  readonly logger: Logger;
  readonly role: Role;
  /** Jobs worked on at once in this process; none when absent. */
  readonly jobConcurrency?: number;
  /** Metrics of the process itself (memory, event loop); once per process. */
  readonly processMetrics?: boolean;
  /** The time in milliseconds; of the machine when absent. */
  readonly now?: () => number;
  readonly limits?: RateLimits;
}
