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
      await this.onApplicationShutdown();
      throw error;
    }
  }

  async onApplicationShutdown(): Promise<void> {
    for (const step of this.steps.splice(0).reverse()) await step();
  }
}
