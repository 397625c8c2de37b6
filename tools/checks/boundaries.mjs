/*
 * `npm run boundaries`: each rule of .dependency-cruiser.cjs fires on its bad fixture, each ESLint rule on its own (purity,
 * connections), and none fires on the tree; every command, event and process has a spec; specs that start a product are listed
 * with the reason. Exits with status 1 and prints what is wrong.
 */
import { cruise } from 'dependency-cruiser';
import { ESLint } from 'eslint';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { librariesIn, sourcesOf } from '../libraries.mjs';
import { withoutSpec } from './spec-coverage.mjs';
import { starts, startsOne } from './starts.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const fixtures = join(root, 'tools/checks/fixtures');
const rules = createRequire(import.meta.url)('../../.dependency-cruiser.cjs');
const failures = [];

/** Rules for files that do not exist yet. With the first such file, remove the rule from this list. */
const awaited = new Set([]);

/** Resolves `@daybook/x` to the sources below `base`, never to a build. */
const aliases = (base) =>
  Object.fromEntries(
    [...librariesIn(base, { bare: true })].map(([name, folder]) => [`@daybook/${name}`, sourcesOf(base, folder)]),
  );

async function violations(base) {
  const folders = ['libs', 'apps', 'examples'].filter((folder) => existsSync(join(base, folder)));
  const { output } = await cruise(
    folders,
    {
      ...rules.options,
      exclude: base === root ? rules.options.exclude : undefined,
      baseDir: base,
      validate: true,
      ruleSet: { forbidden: rules.forbidden },
    },
    {
      alias: aliases(base),
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default'],
      extensions: ['.ts', '.mts', '.js', '.mjs', '.json'],
    },
  );
  return { found: output.summary.violations, modules: output.modules.map(({ source }) => source) };
}

async function dependencyRules() {
  for (const { name } of rules.forbidden) {
    const fixture = join(fixtures, 'boundaries', name);
    if (!existsSync(fixture)) {
      failures.push(`${name} has no fixture: add tools/checks/fixtures/boundaries/${name}.`);
      continue;
    }
    const { found } = await violations(fixture);
    if (!found.some((violation) => violation.rule.name === name))
      failures.push(`${name} does not fire on its fixture.`);
  }
  const { found, modules } = await violations(root);
  for (const { rule, from, to } of found) failures.push(`${rule.name}: ${from} must not import ${to}`);
  for (const { name, from } of rules.forbidden) {
    const files = modules.filter((path) => isOf(path, from));
    console.log(`  ${name}: ${files.length} files`);
    if ((files.length === 0) !== awaited.has(name))
      failures.push(
        files.length === 0
          ? `${name} looks at no file of the tree: is its path right?`
          : `${name} has files now: take it off the list of rules that wait for them.`,
      );
  }
  return modules.length;
}

/** Does a rule apply to this file? Its paths are regular expressions, one or a list. */
function isOf(path, { path: of, pathNot }) {
  const matches = (patterns) => [patterns ?? []].flat().some((pattern) => new RegExp(pattern).test(path));
  return matches(of) && !matches(pathNot);
}

/** Lints each fixture as a decider and as a process. */
async function purityRules() {
  const eslint = new ESLint({ cwd: root });
  const folder = join(fixtures, 'purity');
  for (const name of readdirSync(folder)) {
    for (const layer of ['decider', 'process']) {
      const [result] = await eslint.lintText(readFileSync(join(folder, name), 'utf8'), {
        filePath: join(root, 'libs/contexts/accounting/src', name.replace(/\.ts$/, `.${layer}.ts`)),
      });
      const restricted = result.messages.filter(({ ruleId }) => ruleId?.startsWith('no-restricted-'));
      if (restricted.length === 0)
        failures.push(`No purity rule fires on tools/checks/fixtures/purity/${name} as a ${layer}.`);
    }
  }
}

/** Lints each fixture as a file of the server. */
async function connectionRules() {
  const eslint = new ESLint({ cwd: root });
  const folder = join(fixtures, 'connections');
  for (const name of readdirSync(folder)) {
    const filePath = join(root, name.endsWith('.mjs') ? 'tools/start' : 'libs/core/server/src', name);
    const [result] = await eslint.lintText(readFileSync(join(folder, name), 'utf8'), { filePath });
    const restricted = result.messages.filter(({ ruleId }) => ruleId?.includes('no-restricted-'));
    if (restricted.length === 0)
      failures.push(`No rule of connections fires on tools/checks/fixtures/connections/${name}.`);
  }
}

const modules = await dependencyRules();
await purityRules();
await connectionRules();
const { declared, processes, specs, missing } = withoutSpec(root);
if (declared === 0 || specs === 0) failures.push('No commands, events or specs were found: is their path right?');
for (const failure of missing) failures.push(failure);
if (withoutSpec(join(fixtures, 'process-without-spec')).missing.length !== 2)
  failures.push('A process without a spec is not found in tools/checks/fixtures/process-without-spec.');
const { specs: lookedAt, starting, wrong } = starts(root);
if (lookedAt === 0 || starting === 0) failures.push('No spec that starts a product was found: is the path right?');
for (const name of readdirSync(join(fixtures, 'starts'))) {
  if (!startsOne(readFileSync(join(fixtures, 'starts', name), 'utf8')))
    failures.push(`Nothing is found to be started in tools/checks/fixtures/starts/${name}.`);
}
for (const failure of wrong) failures.push(failure);

for (const failure of failures) console.error(failure);
if (failures.length > 0) process.exit(1);
console.log(`boundaries: ${rules.forbidden.length} rules hold in ${modules} files, and each fires on its fixture.`);
console.log(
  `specs: each of ${declared} commands and events, and of ${processes} processes, is named in one of ${specs} files of specs.`,
);
console.log(
  `starts: ${starting} of ${lookedAt} files of specs start a product, a server or a program, and each has its reason.`,
);
