/**
 * Makes a release: `npm run release -- VERSION`. It is judged in a clone of its own, which is installed anew (`npm ci`) and has
 * to pass `npm test`, the licence check, and what npm, compilers and a global installation say of the package. Then version and
 * changelog are committed and tagged here. Nothing is pushed or published.
 *
 * `--dry-run` changes nothing and shows what would be. `--quick`, for a dry run only, leaves out what takes a clone.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { commitRelease, treeOf } from './release/commit.ts';
import { notesOf, objections, tagOf, unsaid } from './release/plan.ts';

const usage = 'npm run release -- VERSION [--dry-run [--quick]]';
const project = process.cwd();

/** What is told in one line. */
class Refusal extends Error {}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: { 'dry-run': { type: 'boolean' }, quick: { type: 'boolean' } },
    allowPositionals: true,
  });
  const [version, ...others] = positionals;
  const { 'dry-run': isDry = false, quick: isQuick = false } = values;
  if (version === undefined || others.length > 0) throw new Refusal(`Expected: ${usage}`);
  if (isQuick && !isDry) throw new Refusal('Only a dry run can be quick: what is released has been tried.');

  const tree = treeOf(project);
  const against = objections(version, tree);
  if (against.length > 0) throw new Refusal(against.join('\n'));
  step('licences', process.execPath, ['scripts/licences.mjs'], project);
  if (!isQuick) await judgeClone();

  const remark = unsaid(readFileSync(join(project, 'package.json'), 'utf8'));
  if (remark !== undefined) console.log(`\n${remark}`);
  if (isDry) {
    console.log(`\nDry run: ${tagOf(version)} would be made of ${tree.version}, with these notes:\n`);
    console.log(notesOf(tree.changelog));
    return;
  }
  try {
    commitRelease(project, version, new Date().toISOString().slice(0, 10), tree);
  } catch (error) {
    // What git has to say, it has said.
    throw new Refusal(error instanceof Error ? error.message : String(error));
  }
  console.log(`\n${tagOf(version)} is made. To give it away: git push --follow-tags && npm publish`);
}

/** Everything that would be found by whoever takes what is committed, and nothing else. */
async function judgeClone(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'parlor-release-'));
  try {
    const clone = join(folder, 'parlor');
    execFileSync('git', ['clone', '--quiet', project, clone]);
    step('npm ci', 'npm', ['ci'], clone);
    step('npm test', 'npm', ['test'], clone);
    console.log('\n== package');
    // It takes a moment to load.
    const { faultsOf, installGlobally, pack, proveCommand } = await import('./release/package.ts');
    const tarball = pack(clone, folder);
    console.log(`${statSync(tarball).size} bytes, compressed`);
    const faults = await faultsOf(tarball);
    if (faults.length > 0) throw new Refusal(faults.join('\n'));
    const { version } = JSON.parse(readFileSync(join(clone, 'package.json'), 'utf8'));
    await proveCommand(installGlobally(tarball, join(folder, 'prefix')), version, folder);
    console.log('It installs, and runs as parlor.');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function step(name: string, program: string, args: readonly string[], cwd: string): void {
  console.log(`\n== ${name}`);
  const { status } = spawnSync(program, args, { cwd, stdio: 'inherit' });
  if (status !== 0) throw new Refusal(`${name} failed: nothing is released.`);
}

main().catch((error) => {
  console.error(error instanceof Refusal || error instanceof TypeError ? error.message : error);
  process.exitCode = 1;
});
