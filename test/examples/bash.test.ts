import { describe } from 'node:test';
import { fileURLToPath } from 'node:url';
import { has } from '../support/needs.ts';
import { describesTerminalExample } from './support/terminal-example.ts';

const program = fileURLToPath(new URL('../../examples/bash/chat.sh', import.meta.url));

describe('the example in bash', { concurrency: 6 }, () => {
  describesTerminalExample({
    deliveries: ['pull'],
    command: async (t) => (has(t, 'bash') && has(t, 'curl') ? ['bash', program] : undefined),
  });
});
