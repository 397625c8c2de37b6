/**
 * Batches calls of one turn of the event loop, like DataLoader, but caches nothing. At most `maxRounds` batches run at
 * once. A call never joins a running batch: its answer may be older than the call.
 */
export class Batcher<Q, A> {
  private waiting = new Map<Q, { answered: (answer: A) => void; failed: (error: unknown) => void }[]>();
  private running = 0;
  private planned = false;

  constructor(
    private readonly loadBatch: (questions: readonly Q[]) => Promise<readonly A[]>,
    private readonly maxRounds = 4,
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
    if (this.planned || this.running >= this.maxRounds || this.waiting.size === 0) return;
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
      const answers = await this.loadBatch([...asked.keys()]);
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
