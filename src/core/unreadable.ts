/** Why a file cannot be read, for who has to put it right. */

import { codeOf } from './errors.ts';
import { quote } from './quote.ts';

const reasons: ReadonlyMap<string, string> = new Map([
  ['EACCES', 'this user may not'],
  ['EPERM', 'this user may not'],
  ['EISDIR', 'it is a folder'],
  ['ELOOP', 'its links lead in a circle'],
]);

const wholePath = /^(?:[/\\]|[A-Za-z]:)/;

/**
 * @param path as somebody gave it
 * @param error what was thrown by who tried
 * @param folder where a path begins that is not whole
 * @returns half a sentence
 */
export function whyUnreadable(path: string, error: unknown, folder: string): string {
  const code = codeOf(error);
  if (code === undefined) return 'it is no file';
  if (code !== 'ENOENT' && code !== 'ENOTDIR') return reasons.get(code) ?? code;
  // Whoever moved a server, or starts it from elsewhere, does not see in a path where it was looked for.
  return wholePath.test(path) ? 'it is not there' : `it is not there, seen from ${quote(folder)}`;
}
