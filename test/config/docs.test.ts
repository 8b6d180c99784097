import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';
import { parseConfig } from '../../src/config/config.ts';
import { loadSettings } from '../../src/config/load-config.ts';
import { riskNames } from '../../src/config/risk-names.ts';
import { risksOf } from '../../src/config/risks.ts';
import { builtServer } from '../fault/support/built-server.ts';
import { has } from '../support/needs.ts';
import { commandsOf, environmentOf, page } from '../support/readme.ts';
import { temporaryFolder } from '../support/sqlite.ts';

const path = 'docs/configuration.md';

describe(path, () => {
  it('has the commands that say how a server is set up, through npm', async (t) => {
    if (!has(t, 'bash')) return;
    const cwd = temporaryFolder(t);
    symlinkSync(dirname((await builtServer()).at(-1) ?? ''), join(cwd, 'dist'));
    const { scripts } = JSON.parse(page('package.json'));
    writeFileSync(join(cwd, 'package.json'), JSON.stringify({ scripts: { start: scripts.start } }));
    const commands = commandsOf('look', path);
    assert.notEqual(commands, '');
    const env = { PATH: `${dirname(process.execPath)}:${process.env.PATH}`, HOME: cwd, HOST: '0.0.0.0' };
    const ran = await promisify(execFile)('bash', ['-c', `set -eu\n${commands}`], { cwd, env });
    assert.match(
      ran.stdout,
      /Usage: parlor serve [\s\S]+\nHOST=0\.0\.0\.0\n[\s\S]+\nThe options can be used\.\n$/,
    );
    assert.match(ran.stderr, /^parlor: warning: HOST: [^\n]+\(plain-http\)$/m);
  });

  it('has a table of all warnings, with the reason of each', () => {
    const [, table = ''] = /<!-- risks -->\n([\s\S]*?)<!-- \/risks -->/.exec(page(path)) ?? [];
    const rows = table.trim().split('\n').slice(2);
    const cells = rows.map((row) => row.split(' | '));
    assert.deepEqual(
      cells.map(([name = '', , why = '']) => [name.replace(/^\| `(.+)`$/, '$1'), why.replace(/ \|$/, '')]),
      Object.entries(riskNames),
    );
  });

  it('has a way to accept a risk, after which nothing is warned of', () => {
    const environment = environmentOf('accepted', path);
    assert.notEqual(parseConfig(environment).acceptedRisks.length, 0);
    const directory = '/nowhere';
    assert.deepEqual(
      risksOf({ ...loadSettings({ environment, directory, warn: assert.fail }), directory }),
      [],
    );
    const { ACCEPTED_RISKS: _, ...rest } = environment;
    const settings = loadSettings({ environment: rest, directory, warn: assert.fail });
    assert.equal(risksOf({ ...settings, directory }).length, 1);
  });
});
