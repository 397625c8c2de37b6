import type { Role } from '@daybook/postgres';
import type { Logger } from 'pino';
import type { Config } from '../config.js';
import type { RateLimits } from '../dispatch/limits.js';

/** Options of one process of the product. */
export interface CoreOptions {
  readonly config: Config;
  readonly logger: Logger;
  readonly role: Role;
  /** Concurrent jobs in this process; none when absent. */
  readonly jobConcurrency?: number;
  /** Whether to collect metrics of the process itself (memory, event loop); for one app per process. */
  readonly processMetrics?: boolean;
  /** The time in milliseconds; the system clock when absent. */
  readonly now?: () => number;
  readonly limits?: RateLimits;
}
