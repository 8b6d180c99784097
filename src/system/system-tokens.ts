/** Secrets and identifiers from the machine's source of randomness. */

import { hash, randomBytes, randomUUID } from 'node:crypto';
import type { Tokens } from '../core/tokens.ts';

const tokenBytes = 32;

export const systemTokens: Tokens = {
  issue: () => randomBytes(tokenBytes).toString('base64url'),
  id: () => randomUUID(),
  hash: (token) => hash('sha256', token, 'base64url'),
};
