import type { Role } from '@daybook/postgres';
import { Inject, Injectable } from '@nestjs/common';
import { AfterResponseQueue } from '../after-response.js';
import { ROLE } from './tokens.js';

/** Does work again and again, in processes of the API alone; never beside itself in one process. */
@Injectable()
export class PeriodicTasks {
  constructor(
    @Inject(AfterResponseQueue) private readonly queue: AfterResponseQueue,
    @Inject(ROLE) private readonly role: Role,
  ) {}

  every(what: string, ms: number, work: () => Promise<void>): void {
    if (this.role === 'api') this.queue.every(what, ms, work);
  }
}
