/*
 * How long the fault specs run, by `npm run test:faults -- --seed N --rounds N --product-rounds N --minutes N`, which sets these
 * variables (tools/checks/faults.mjs).
 */
const numberFrom = (name: string, otherwise: number): number => Number(process.env[name] ?? otherwise);
const began = Number(process.env['DAYBOOK_FAULTS_BEGAN'] ?? Date.now());

export const runOptions = {
  seed: numberFrom('DAYBOOK_FAULTS_SEED', 1),
  rounds: numberFrom('DAYBOOK_FAULTS_ROUNDS', 200),
  productRounds: numberFrom('DAYBOOK_FAULTS_PRODUCT_ROUNDS', 5),
  minutes: numberFrom('DAYBOOK_FAULTS_MINUTES', 8),
};

/** Whether so large a part of the time is over; what is counted in rounds stops then, and says how many there were. */
export const isTimeUp = (part: number): boolean => Date.now() - began > part * runOptions.minutes * 60_000;
