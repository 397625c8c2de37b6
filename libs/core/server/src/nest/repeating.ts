import type { Role } from '@daybook/postgres';
import { Inject, Injectable } from '@nestjs/common';
import { Later } from '../later.js';
import { ROLE } from './tokens.js';

/** Does work again and again, in processes of the API alone; never beside itself in one process. */
@Injectable()
export class Repeating {
  constructor(
    @Inject(Later) private readonly later: Later,
    @Inject(ROLE) private readonly role: Role,
  ) {}

  every(what: string, ms: number, work: () => Promise<void>): void {
    if (this.role === 'api') this.later.every(what, ms, work);
  }
}
