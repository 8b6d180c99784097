/** Types of options that name hosts, addresses, origins and the store. */
import { BlockList, isIP } from 'node:net';
import { quote } from '../core/quote.ts';
import type { StoreUrl } from '../stores/create-store.ts';
import { BadValue } from './bad-value.ts';
import { hidePassword } from './hiding.ts';
import type { OptionType } from './option-types.ts';
import { redisUrl } from './redis-url.ts';

const hostLabel = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/i;

/** Where to listen: an address or a host name, without port and brackets. */
export const host: OptionType<string> = {
  expected: 'an IP address or a host name, without port or brackets',
  parse(text) {
    if (!isHost(text)) throw new BadValue(host.expected);
    return text;
  },
};

function isHost(text: string): boolean {
  const labels = text.split('.');
  const isName =
    text.length <= 253 &&
    labels.every((label) => hostLabel.test(label)) &&
    !/^[0-9]+$/.test(labels.at(-1) ?? '');
  return isName || isIP(text) !== 0;
}

/** An address to listen on with its port. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** `127.0.0.1:9464`, `[::1]:9464`. */
export const listenAddress: OptionType<ListenAddress> = {
  expected: 'an address and a port, such as 127.0.0.1:9464 or [::1]:9464',
  parse(text) {
    const [, bracketed, plain, digits] = /^(?:\[([^\]]*)\]|([^:[\]]*)):([0-9]{1,5})$/.exec(text) ?? [];
    const name = bracketed ?? plain ?? '';
    const port = Number(digits);
    const isAddress = bracketed === undefined ? isHost(name) : isIP(name) === 6;
    if (!isAddress || !(port <= 65_535)) throw new BadValue(listenAddress.expected);
    return Object.freeze({ host: name, port });
  },
};

/** Where a page comes from: scheme, host and port, as browsers write it in `Origin`. */
export const origin: OptionType<string> = {
  expected: 'an origin such as https://chat.example.org, without a path',
  parse(text) {
    const isOrigin = /^https?:\/\/[^/?#@*\\\s]+\/?$/i.test(text) && URL.canParse(text);
    if (!isOrigin) throw new BadValue(origin.expected);
    const { hostname, origin: written } = new URL(text);
    // URLs may have a `;` or a quote in their hosts; the headers and pages that name origins may not.
    if (!isHost(hostname.replace(/^\[(.*)\]$/, '$1'))) throw new BadValue(origin.expected);
    return written;
  },
};

/**
 * Addresses whose `X-Forwarded-*` count. A range wider than the private networks (10.0.0.0/8, fc00::/7) would let
 * nearly anybody pick the address that limits and logs see, so it is refused.
 */
export const proxyAddress: OptionType<string> = {
  expected: 'the address of a proxy or a network such as 10.0.0.0/8; never everybody',
  parse(text) {
    const [address = '', prefix, ...rest] = text.split('/');
    const family = isIP(address);
    const bits = family === 4 ? 32 : 128;
    const width = prefix === undefined ? bits : /^[0-9]{1,3}$/.test(prefix) ? Number(prefix) : Number.NaN;
    const isNarrow = width >= (family === 4 ? 8 : 7) && width <= bits;
    if (family === 0 || !isNarrow || rest.length > 0 || address.includes('%'))
      throw new BadValue(proxyAddress.expected);
    if (family === 6 && holdsIPv4(address, width)) {
      throw new BadValue('IPv4 addresses in their own form, such as 10.0.0.0/8', quote(text));
    }
    return text.toLowerCase();
  },
};

/** Whether a range of IPv6 touches the one in which IPv4 addresses are written as `::ffff:a.b.c.d`. */
function holdsIPv4(address: string, prefix: number): boolean {
  const range = new BlockList();
  range.addSubnet(address, Math.min(prefix, 96), 'ipv6');
  return range.check('::ffff:0:1', 'ipv6');
}

/** Where events, sessions and names live. */
export const storeUrl: OptionType<StoreUrl> = {
  expected: 'memory:, sqlite: with the path of a file, such as sqlite:./data/parlor.db, or redis://host:port',
  hide: hidePassword,
  parse(text) {
    if (/^rediss?:/.test(text)) return redisUrl(text);
    if (text === 'memory:') return Object.freeze({ scheme: 'memory' });
    const [, path] = /^sqlite:([^:?#\0][^?#\0]*[^/?#\0])$/.exec(text) ?? [];
    if (path === undefined) {
      const scheme = /^(?:sqlite|memory):/.test(text) ? '' : ', whose scheme is none of these';
      throw new BadValue(storeUrl.expected, quote(withoutSecrets(text)) + scheme);
    }
    return Object.freeze({ scheme: 'sqlite', path });
  },
};

/** What follows a scheme may hold a password and is not told, unless it is a path. */
function withoutSecrets(text: string): string {
  return /^(?:sqlite|memory):/.test(text) ? text : text.replace(/:.+$/s, ':…');
}
