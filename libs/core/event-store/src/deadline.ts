/** A deadline is counted in so many turns of a timer: a process that is itself held up for long has missed one of them. */
const turns = 16;

/**
 * Waits for the work, at most about `ms`; then throws what `silent` makes, and the work is left to itself. A time that this
 * process could not have heard anything in counts once, however long it was.
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
  // Whichever loses the race may still fail, and nobody asks it any more.
  for (const either of [work, silence]) either.catch(() => undefined);
  try {
    return await Promise.race([work, silence]);
  } finally {
    clearInterval(timer);
  }
}
