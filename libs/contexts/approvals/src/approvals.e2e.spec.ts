import { approvingCases } from './testing/approving-cases.js';
import { changingCases } from './testing/changing-cases.js';
import { crashCases } from './testing/crash-cases.js';
import { ruleCases } from './testing/rule-cases.js';
import { approvalsWorld, type World } from './testing/world.js';

/* One product for all of them: the cases of each subject stand in a file of their own. */
describe('approval requests', () => {
  let world: World;
  const here = () => world;
  beforeAll(async () => (world = await approvalsWorld()), 90_000);
  afterAll(() => world.app.close());

  describe('by a rule', () => ruleCases(here));
  describe('and are approved', () => approvingCases(here));
  describe('and are changed', () => changingCases(here));
  describe('and meet a crash', () => crashCases(here));
});
