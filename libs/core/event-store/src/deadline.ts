/** A deadline is counted in so many ticks of a timer, so that a pause of this process counts as one tick. */
const turns = 16;

/**
 * Waits for the work, at most about `ms`; then throws the error that `silent` creates and no longer waits. A time in which this
 * process was blocked counts as one tick, however long it was.
 */
export async function withDeadline<T>(ms: number, work: Promise<T>, silent: () => Error): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<never>((_, fail) => {
    let left = turns;
    timer = setInterval(() => {
      left -= 1;
      if (left === 0) fail(silent());
    }, ms / turns);
  });
  // The loser of the race may still fail, and nobody handles that otherwise.
  for (const either of [work, silence]) either.catch(() => undefined);
  try {
    return await Promise.race([work, silence]);
  } finally {
    clearInterval(timer);
  }
}
