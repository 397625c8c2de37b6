import { jobsContract } from './contract.js';
import { memoryJobs } from './memory.js';

describe('jobs in memory', () => {
  jobsContract(async (now) => memoryJobs(now));
});
