interface Look<S> {
  readonly running: Promise<S>;
  next: Promise<S> | null;
}

/**
 * The stamp of a tenant's read models, looked up once for all its live streams that ask at the same time. Nobody gets an
 * answer that began before they asked: those who come while one is under way share the one after it.
 */
export class Stamps<S> {
  private readonly looks = new Map<string, Look<S>>();

  constructor(private readonly look: (tenant: string) => Promise<S>) {}

  of(tenant: string): Promise<S> {
    const under = this.looks.get(tenant);
    if (!under) return this.begin(tenant);
    return (under.next ??= under.running.then(
      () => this.begin(tenant),
      () => this.begin(tenant),
    ));
  }

  private begin(tenant: string): Promise<S> {
    const look: Look<S> = { running: this.look(tenant), next: null };
    this.looks.set(tenant, look);
    const ended = (): void => {
      if (this.looks.get(tenant) === look && look.next === null) this.looks.delete(tenant);
    };
    look.running.then(ended, ended);
    return look.running;
  }
}
