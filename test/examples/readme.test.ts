import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { page } from '../support/readme.ts';

const folder = new URL('../../examples/', import.meta.url);
const readme = page('examples/README.md');

describe('examples/README.md', () => {
  it('lists every example, with the command that its first lines give', () => {
    const rows = readme.split('\n').filter((line) => line.startsWith('| ['));
    const listed = rows.map((row) => /\]\(([^)]+)\)/.exec(row)?.[1] ?? '');
    const folders = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    assert.deepEqual(listed.map((file) => file.split('/')[0]).sort(), folders.map(({ name }) => name).sort());
    for (const [index, row] of rows.entries()) {
      const text = readFileSync(new URL(listed[index] ?? '', folder), 'utf8');
      const commands = [...(row.split('|')[4] ?? '').matchAll(/`([^`]+)`/g)].map(
        ([, command = '']) => command,
      );
      assert.ok(commands.length > 0, row);
      for (const command of commands)
        assert.ok(text.includes(command), `${listed[index]} has no "${command}"`);
    }
  });
});
