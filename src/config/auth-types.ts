/** Types of options that say who may come in. */

import { type Operation, operations } from '../core/hooks.ts';
import { quote } from '../core/quote.ts';
import { BadValue } from './bad-value.ts';
import { hideAll, hideInUrls } from './hiding.ts';
import { choice, list, type OptionType } from './option-types.ts';

/** One authenticator, as `AUTH` names it. */
export type AuthChoice =
  | { readonly type: 'open' }
  | { readonly type: 'file'; readonly path: string }
  | { readonly type: 'jwt' }
  | { readonly type: 'certificate' }
  | { readonly type: 'webhook'; readonly urls: readonly string[] };

/** Where else `create` may have a token. */
export interface TokenPlace {
  readonly from: 'header' | 'cookie' | 'query';
  /** Of a header in small letters. */
  readonly name: string;
}

const expected =
  'open, jwt, certificate, file: with a path or webhook: with addresses, several separated by commas';

/** The authenticators, in the order in which they are asked. */
export const authChoices: OptionType<readonly AuthChoice[]> = {
  expected,
  hide: hideInUrls,
  parse(text) {
    const parts = text.split(',').map((part) => part.trim());
    const choices = [...new Set(parts)].map(parseChoice);
    const open = choices.findIndex(({ type }) => type === 'open');
    if (open >= 0 && open < choices.length - 1) {
      throw new BadValue(
        'open to be the last, as it leaves nothing to those behind it',
        quote(hideInUrls(text)),
      );
    }
    return Object.freeze(choices);
  },
};

function parseChoice(text: string): AuthChoice {
  if (text === 'open' || text === 'jwt' || text === 'certificate') return Object.freeze({ type: text });
  const [, addresses] = /^webhook:\s*(.+)$/s.exec(text) ?? [];
  if (addresses !== undefined) {
    const urls = addresses.split(/[\s|]+/).map((url) => serviceUrl.parse(url, 'AUTH'));
    return Object.freeze({ type: 'webhook', urls: Object.freeze([...new Set(urls)]) });
  }
  const [, path] = /^file:([^\0]*[^/\0])$/.exec(text) ?? [];
  if (path === undefined) throw new BadValue(expected, quote(hideInUrls(text)));
  return Object.freeze({ type: 'file', path });
}

const tokenPlace: OptionType<TokenPlace> = {
  expected: 'header:NAME, cookie:NAME or query:NAME',
  parse(text) {
    const [, from, name = ''] = /^(header|cookie|query):([A-Za-z0-9!#$%&'*+.^_|~-]{1,64})$/.exec(text) ?? [];
    const isTaken = from === 'header' && /^(?:authorization|cookie|host)$/i.test(name);
    if (isTaken) throw new BadValue('a header with a name of its own', quote(text));
    switch (from) {
      case 'header':
        return Object.freeze({ from, name: name.toLowerCase() });
      case 'cookie':
      case 'query':
        return Object.freeze({ from, name });
      default:
        throw new BadValue(tokenPlace.expected, quote(text));
    }
  },
};

/** Where tokens are looked for, beside `Authorization: Bearer`. */
export const tokenPlaces: OptionType<readonly TokenPlace[]> = {
  expected: `${tokenPlace.expected}, several separated by commas`,
  parse(text, variable) {
    const parts = text === '' ? [] : text.split(',').map((part) => part.trim());
    return Object.freeze(parts.map((part) => tokenPlace.parse(part, variable)));
  },
};

const leastSecretBytes = 32;

/** A secret; nobody is told what came. */
export const secret: OptionType<string> = {
  expected: `a secret of at least ${leastSecretBytes} bytes`,
  hide: hideAll,
  parse(text) {
    const bytes = Buffer.byteLength(text);
    if (bytes < leastSecretBytes) throw new BadValue(secret.expected, `one of ${bytes}`);
    return text;
  },
};

/** A public key in PEM, or the path of a file that has one. */
export const publicKey: OptionType<string> = {
  expected: 'a public key in PEM, or the path of a file with one',
  parse(text) {
    if (/PRIVATE KEY-----/.test(text)) throw new BadValue(publicKey.expected, 'a private one');
    // On one line, as environments often have it.
    return text.replaceAll('\\n', '\n');
  },
};

/** The address of a service, with its path. */
export const serviceUrl: OptionType<string> = {
  expected: 'an address such as https://login.example.org/keys, without name and password',
  hide: hideInUrls,
  parse(text) {
    const isUrl = /^https?:\/\/[^\s#@]+$/i.test(text) && URL.canParse(text);
    // What stands in it may be secret.
    if (!isUrl) throw new BadValue(serviceUrl.expected, 'something else');
    return new URL(text).href;
  },
};

/** Where somebody signs in; `{url}` in it stands for the address to come back to. */
export const signInUrl: OptionType<string> = {
  expected: 'an address such as https://login.example.org/?return={url}',
  parse(text) {
    const isUrl = /^https?:\/\/[^/?#\s@{}]+(?:[/?#]\S*)?$/i.test(text);
    if (!isUrl || !URL.canParse(text)) throw new BadValue(signInUrl.expected);
    return text;
  },
};

/** The addresses of one service, any of which may answer; none if it is empty. */
export const serviceUrls: OptionType<readonly string[]> = {
  expected:
    'an address such as https://app.example.org/sessions, without name and password, several separated by spaces or |',
  hide: hideInUrls,
  parse(text, variable) {
    const urls = text === '' ? [] : text.split(/[\s|]+/).map((url) => serviceUrl.parse(url, variable));
    return Object.freeze([...new Set(urls)]);
  },
};

/** What a session manager is asked about. */
export const askedOperations: OptionType<readonly Operation[]> = {
  expected: `names of operations (${operations.join(', ')}), separated by commas`,
  words: [{ word: '*', meaning: 'all' }],
  parse(text) {
    if (text === '*') return operations;
    const names = text === '' ? [] : text.split(',').map((part) => part.trim());
    const asked = names.map((name) => {
      const operation = operations.find((each) => each === name);
      if (operation === undefined) throw new BadValue(`one of ${operations.join(', ')}`, quote(name));
      return operation;
    });
    return Object.freeze([...new Set(asked)]);
  },
};

/** What may sign tokens: never `none`. */
export const algorithms: OptionType<readonly string[]> = list(
  choice(
    'HS256',
    'HS384',
    'HS512',
    'RS256',
    'RS384',
    'RS512',
    'PS256',
    'PS384',
    'PS512',
    'ES256',
    'ES384',
    'ES512',
    'EdDSA',
  ),
  'names of algorithms such as RS256',
);
