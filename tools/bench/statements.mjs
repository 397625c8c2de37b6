/*
 * `npm run bench:statements`: how many round trips to the database each kind of request waits for, BEGIN and COMMIT and the
 * query about session, rights and rules included. Counts and does not time, so that other load on the machine changes nothing.
 *
 *   npm run bench:statements [-- operation]      the statements of one operation
 */
const [only] = process.argv.slice(2);
const { startApp } = await import('@daybook/testing/app');
const { RequestCounter } = await import('@daybook/testing/counted-requests');

const app = await startApp({ env: { DAYBOOK_LOG_LEVEL: 'error' } });
try {
  const counter = await RequestCounter.in(app);
  await counter.reads();
  await counter.commands();
  await counter.others();
  for (const { operation, bound, status, code, trips } of counter.counted.values()) {
    if (only !== undefined && !process.argv.slice(2).includes(operation.name)) continue;
    console.log(
      `${String(trips.length).padStart(4)}  ${operation.name.padEnd(46)} ${bound.padEnd(8)} ${status} ${code ?? ''}`,
    );
    if (only === undefined) continue;
    for (const { application, text } of trips) console.log(`      ${application}: ${text.replaceAll(/\s+/g, ' ')}`);
  }
} finally {
  await app.close();
}
