import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { notLetIn, notReached, shownOut } from '../../../src/cli/chat/exit-codes.ts';
import { wishes } from '../../../src/cli/chat/wish.ts';
import { chatHelp, tailHelp } from '../../../src/cli/chat-help.ts';
import { commands } from '../../../src/cli/commands.ts';
import { page } from '../../support/readme.ts';

const docs = page('docs/terminal.md');

describe('docs/terminal.md', () => {
  it('has every exit code, as the help does', () => {
    for (const code of [0, 1, 2, notReached, notLetIn, shownOut, 130]) {
      assert.match(docs, new RegExp(`^\\| ${code} (?:and others )?\\| `, 'm'));
      assert.match(chatHelp(), new RegExp(`^ {2}${code} +\\w`, 'm'));
    }
    for (const code of [notReached, notLetIn]) assert.match(tailHelp(), new RegExp(`^ {2}${code} +\\w`, 'm'));
  });

  it('has every option and every command', () => {
    for (const name of ['chat', 'tail']) {
      for (const option of Object.keys(commands[name]?.options ?? {}))
        assert(docs.includes(`--${option}`), option);
    }
    for (const [command] of wishes) assert(docs.includes(`| \`${command}\` |`), command);
  });
});
