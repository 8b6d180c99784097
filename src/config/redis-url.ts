/** The address of a Redis: `redis[s]://[user[:password]@]host[:port][/database][?prefix=parlor]`. */

import { quote } from '../core/quote.ts';
import type { StoreUrl } from '../stores/create-store.ts';
import { BadValue } from './bad-value.ts';

const redisPort = 6379;

/** @throws BadValue that says which part is wrong, and shows none of them: any may be the rest of a password */
export function redisUrl(text: string): StoreUrl {
  const wrong = wrongPartOf(text);
  if (wrong !== undefined) {
    throw new BadValue(
      'redis://[user:password@]host[:port][/database][?prefix=name]',
      `${quote(text.replace(/:.+$/s, ':…'))}, ${wrong}`,
    );
  }
  const url = new URL(text);
  const [username, password] = [decodeURIComponent(url.username), decodeURIComponent(url.password)];
  const connection = {
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? redisPort : Number(url.port),
    db: Number(url.pathname.slice(1)),
    ...(username === '' ? {} : { username }),
    ...(password === '' ? {} : { password }),
    ...(url.protocol === 'rediss:' ? { tls: {} } : {}),
  };
  const prefix = url.searchParams.get('prefix') ?? 'parlor';
  return Object.freeze({ scheme: 'redis', address: { connection, prefix } });
}

/** Ends the sentence that says what came. By the text itself: of what is no URL nothing else says where it goes wrong. */
function wrongPartOf(text: string): string | undefined {
  const rest = /^rediss?:\/\/(.*)$/s.exec(text)?.[1];
  if (rest === undefined) return 'which lacks the // before its host';
  // A password that was not escaped may have any character: it ends at the last @.
  const at = rest.lastIndexOf('@');
  if (!isEscaped(rest.slice(0, Math.max(0, at))))
    return 'whose user or password has a character to be escaped, such as / by %2F, ? by %3F, # by %23, % by %25';
  const [, host = '', port = '', path = '', query = '', hash = ''] =
    /^(\[[^\]]*\]|[^:/?#]*)(?::([^/?#]*))?(\/[^?#]*)?(\?[^#]*)?(#.*)?$/s.exec(rest.slice(at + 1)) ?? [];
  if (host === '') return 'which names no host';
  if (!URL.canParse(`redis://${host}`)) return 'whose host is no name and no address';
  if (port !== '' && !(/^[0-9]{1,5}$/.test(port) && Number(port) >= 1 && Number(port) <= 65_535))
    return 'whose port is no number from 1 to 65535';
  if (!/^\/?[0-9]{0,5}$/.test(path)) return 'whose database, behind the /, is no number such as 0';
  const parameters = new URLSearchParams(query);
  if ([...parameters.keys()].some((name) => name !== 'prefix'))
    return 'which has something else than prefix= behind its ?';
  if (!/^[A-Za-z0-9_.:-]{1,64}$/.test(parameters.get('prefix') ?? 'parlor'))
    return 'whose prefix is not 1 to 64 letters, digits or signs of _ . : -';
  if (hash !== '') return 'which has something behind a #';
  return URL.canParse(text) ? undefined : 'which is no URL';
}

function isEscaped(userInfo: string): boolean {
  try {
    decodeURIComponent(userInfo);
    return !/[/?#]/.test(userInfo);
  } catch {
    return false;
  }
}
