import { describe } from 'node:test';
import { fileURLToPath } from 'node:url';
import { has } from '../support/needs.ts';
import { describesTerminalExample } from './support/terminal-example.ts';

const program = fileURLToPath(new URL('../../examples/python/chat.py', import.meta.url));

describe('the example in Python', { concurrency: 6 }, () => {
  describesTerminalExample({
    deliveries: ['push', 'pull'],
    command: async (t) => (has(t, 'python3') ? ['python3', program] : undefined),
  });
});
