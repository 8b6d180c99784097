/** `parlor doctor URL`: what is wrong between here and a server. */

import { quote } from '../../core/quote.ts';
import type { Arguments } from '../arguments.ts';
import { readToken } from '../chat/login-token.ts';
import { UsageError } from '../failure.ts';
import { wholeNumber } from '../whole-number.ts';
import { examine } from './examine.ts';
import { Report } from './report.ts';

const maxLongSeconds = 3600;

export async function doctor({ operand, options }: Arguments): Promise<void> {
  const { name, origin, 'token-file': path, 'admin-token-file': adminPath } = options;
  const report = new Report(options.json !== undefined);
  const wish = {
    name,
    token: path === undefined ? undefined : readToken(path),
    adminToken: adminPath === undefined ? undefined : readToken(adminPath),
    mayBeRead: options['plain-http'] !== undefined,
    long: wholeNumber('--long', options.long, maxLongSeconds),
    origin: origin === undefined ? undefined : originOf(origin),
  };
  await examine(operand, wish, (finding) => report.add(finding));
  report.end();
  if (report.hasProblems) process.exitCode = 1;
}

/** @throws UsageError if it is no origin of a page */
function originOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined && /^https?:$/.test(url.protocol) && text.replace(/\/$/, '') === url.origin)
    return url.origin;
  throw new UsageError(`--origin: expected an origin such as https://www.example.org; got ${quote(text)}.`);
}
