import type { OnApplicationShutdown } from '@nestjs/common';

/** What providers opened, closed in the opposite order: with the application, or when it does not come up. */
export class ShutdownHooks implements OnApplicationShutdown {
  private readonly steps: (() => unknown)[] = [];

  add<T>(opened: T, close: (opened: T) => unknown): T {
    this.steps.push(() => close(opened));
    return opened;
  }

  /** The application that comes up, or the error that keeps it from it, with everything closed again. */
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
