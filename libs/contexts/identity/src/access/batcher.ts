/**
 * Questions that come together are asked together. A question waits for the turn of the event loop to end, and for one of
 * `most` rounds to be free; it never joins a round that is already on its way, for that answer may be older than it is.
 */
export class Batcher<Q, A> {
  private waiting = new Map<Q, { answered: (answer: A) => void; failed: (error: unknown) => void }[]>();
  private running = 0;
  private planned = false;

  constructor(
    private readonly ask: (questions: readonly Q[]) => Promise<readonly A[]>,
    private readonly most = 4,
  ) {}

  load(question: Q): Promise<A> {
    return new Promise((answered, failed) => {
      const askers = this.waiting.get(question) ?? [];
      askers.push({ answered, failed });
      this.waiting.set(question, askers);
      this.plan();
    });
  }

  private plan(): void {
    if (this.planned || this.running >= this.most || this.waiting.size === 0) return;
    this.planned = true;
    process.nextTick(() => {
      this.planned = false;
      void this.round();
    });
  }

  private async round(): Promise<void> {
    const asked = this.waiting;
    this.waiting = new Map();
    this.running += 1;
    try {
      const answers = await this.ask([...asked.keys()]);
      [...asked.values()].forEach((askers, index) => {
        for (const { answered } of askers) answered(answers[index] as A);
      });
    } catch (error) {
      for (const askers of asked.values()) for (const { failed } of askers) failed(error);
    } finally {
      this.running -= 1;
      this.plan();
    }
  }
}
