/** Which Parlor this is, and which Node it needs. */

import { readFileSync } from 'node:fs';

export function version(): string {
  return ownPackage().version;
}

/**
 * @param node such as `20.17.0`
 * @returns undefined if Parlor runs on it, else a line that says what to do
 */
export function nodeTrouble(node: string): string | undefined {
  const least = ownPackage().engines?.node.replace('>=', '');
  if (least === undefined) return undefined;
  const [major = 0, minor = 0] = least.split('.').map(Number);
  const [ownMajor = 0, ownMinor = 0] = node.split('.').map(Number);
  if (ownMajor > major || (ownMajor === major && ownMinor >= minor)) return undefined;
  return `Expected Node.js ${least} or newer; this is ${node}. Install one (nodejs.org), then run npm ci again.`;
}

function ownPackage(): { readonly version: string; readonly engines?: { readonly node: string } } {
  return JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
}
