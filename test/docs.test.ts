import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { endings } from '../src/core/endings.ts';
import { ChatError, type ErrorCode, errorCodes } from '../src/core/errors.ts';
import { problemOf } from '../src/http/errors.ts';

const page = readFileSync(new URL('../docs/api.md', import.meta.url), 'utf8');

function table(name: string): string[] {
  const [, text = ''] = new RegExp(`<!-- ${name} -->\\n([\\s\\S]*?)<!-- /${name} -->`).exec(page) ?? [];
  return text.trim().split('\n').slice(2);
}

function isCode(code: string): code is ErrorCode {
  return code in errorCodes;
}

describe('docs/api.md', () => {
  it('has every error with its status and when it is raised', () => {
    const rows = Object.entries(errorCodes).map(([code, raisedWhen]) => {
      assert(isCode(code));
      return `| \`${code}\` | ${problemOf(new ChatError(code, ''), '').status} | ${raisedWhen} |`;
    });
    assert.deepEqual(table('errors'), rows);
  });

  it('has every ending with what to do and when it happens', () => {
    const rows = Object.entries(endings).map(
      ([reason, { action, happensWhen }]) => `| \`${reason}\` | ${action} | ${happensWhen} |`,
    );
    assert.deepEqual(table('endings'), rows);
  });
});
