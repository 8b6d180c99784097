/** The secrets that the tests of this process know, and whether one of them stands where none may [SES-9]. */

import assert from 'node:assert/strict';

const tokenLength = 43;
const tokens = new Set<string>();
// Passwords, an operator's, and what an issuer has signed. So many and no more: each is looked for by itself.
const others = new Set<string>();
const maxOthers = 200;
// What is shorter may stand somewhere by chance.
const leastLength = 8;

/** From now on nobody may show it. */
export function noteSecret(secret: unknown): void {
  if (typeof secret !== 'string' || secret.length < leastLength) return;
  if (secret.length === tokenLength && /^[\w-]+$/.test(secret)) tokens.add(secret);
  else if (others.size < maxOthers) others.add(secret);
}

/** The first token of a session in a text, however it is wrapped up; its time does not depend on how many there are. */
export function tokenIn(text: string): string | undefined {
  for (const [run] of text.matchAll(/[\w-]{43,}/g)) {
    for (let start = 0; start + tokenLength <= run.length; start++) {
      const part = run.slice(start, start + tokenLength);
      if (tokens.has(part)) return part;
    }
  }
  return undefined;
}

export function assertNoSecret(text: string, where: string): void {
  const secret = tokenIn(text) ?? [...others].find((each) => text.includes(each));
  if (secret === undefined) return;
  const at = text.indexOf(secret);
  assert.fail(
    `${where} shows the secret ${JSON.stringify(secret)}: ${JSON.stringify(text.slice(Math.max(0, at - 200), at + 300))}`,
  );
}
