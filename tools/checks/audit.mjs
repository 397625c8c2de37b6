/*
 * `npm run audit`: no package of the lock file has a published advisory, except the dated exceptions in lists/audit.json
 * (advisory, package, reason, until). If the registry returns no advisories, the check is skipped with the reason.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { judged } from './exceptions.mjs';
import { keep, none, root } from './results.mjs';
import { end, isMain } from './checked-files.mjs';

/** The advisories in a report of `npm audit --json`; null with the reason if it has none. */
export function advisoriesIn(text) {
  let report;
  try {
    report = JSON.parse(text);
  } catch {
    return { advisories: null, reason: 'npm audit gave no report' };
  }
  if (report.vulnerabilities === undefined)
    return { advisories: null, reason: report.message ?? report.error?.summary ?? 'npm audit gave no report' };
  const found = new Map();
  for (const { via } of Object.values(report.vulnerabilities))
    for (const advisory of via.filter((one) => typeof one === 'object')) {
      const id = advisory.url?.split('/').at(-1) ?? String(advisory.source);
      found.set(`${id} ${advisory.name}`, {
        key: `${id} ${advisory.name}`,
        sentence: `${advisory.name} ${advisory.range} (${advisory.severity}): ${advisory.title}, ${advisory.url}`,
      });
    }
  return { advisories: [...found.values()], packages: report.metadata?.dependencies?.total ?? 0 };
}

export const keyOf = (exception) => `${exception.advisory} ${exception.package}`;

if (isMain(import.meta)) {
  const { stdout } = spawnSync('npm', ['audit', '--json'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  const { advisories, packages, reason } = advisoriesIn(stdout);
  if (advisories === null) {
    console.log(`audit: skipped, for the registry gave no advisories: ${reason}`);
    keep('audit', { ...none, skipped: 1 });
    process.exit(0);
  }
  console.log(`audit: ${packages} packages, ${advisories.length} advisories`);
  const exceptions = JSON.parse(readFileSync(join(root, 'tools/checks/lists/audit.json'), 'utf8'));
  const failures = judged(advisories, exceptions, keyOf);
  if (packages === 0) failures.push('audit looked at no package.');
  end(failures);
}
