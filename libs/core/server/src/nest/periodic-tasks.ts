import type { Role } from '@daybook/postgres';
import { Inject, Injectable } from '@nestjs/common';
import { AfterResponseQueue } from '../after-response.js';
import { ROLE } from './tokens.js';

/** Runs tasks periodically, in API processes only; never two runs of one task at once in a process. */
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
