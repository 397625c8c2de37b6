/* Dated exceptions from a check: each has a reason and an end, and must be removed when nothing needs it. */

/**
 * @param found the findings of the check, each with a `key` (which exceptions name) and a `sentence`
 * @param exceptions each `{ <fields of the key>, reason, until: 'YYYY-MM-DD' }`
 * @param keyOf the key of an exception
 * @param today 'YYYY-MM-DD'
 * @returns messages for findings without an exception, and for exceptions that expired or are not needed
 */
export function judged(found, exceptions, keyOf, today = new Date().toISOString().slice(0, 10)) {
  const failures = [];
  const needed = new Set();
  for (const { key, sentence } of found) {
    const exception = exceptions.find((one) => keyOf(one) === key);
    if (exception === undefined) failures.push(sentence);
    else needed.add(exception);
  }
  for (const exception of exceptions) {
    const name = keyOf(exception);
    if (!exception.reason || !/^\d{4}-\d{2}-\d{2}$/.test(exception.until ?? ''))
      failures.push(`The exception ${name} needs a reason and a date (until: YYYY-MM-DD).`);
    else if (!needed.has(exception)) failures.push(`The exception ${name} is not needed: remove it.`);
    else if (exception.until < today)
      failures.push(`The exception ${name} ended on ${exception.until} (${exception.reason}).`);
  }
  return failures;
}
