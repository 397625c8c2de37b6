import type { OnApplicationShutdown } from '@nestjs/common';

/** Closes what providers opened, in reverse order: on shutdown, or when the application fails to start. */
export class ShutdownHooks implements OnApplicationShutdown {
  private readonly steps: (() => unknown)[] = [];

  add<T>(opened: T, close: (opened: T) => unknown): T {
    this.steps.push(() => close(opened));
    return opened;
  }

  /** Resolves to the started application; when starting fails, closes everything and rethrows. */
  async orElse<T>(starting: Promise<T>): Promise<T> {
    try {
      return await starting;
    } catch (error) {
      // Why it did not start is what the operator needs to know, whatever fails beside it.
      await this.onApplicationShutdown().catch(() => undefined);
      throw error;
    }
  }

  async onApplicationShutdown(): Promise<void> {
    const failures: unknown[] = [];
    for (const step of this.steps.splice(0).reverse()) {
      try {
        await step();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, 'Not everything could be closed.');
  }
}
