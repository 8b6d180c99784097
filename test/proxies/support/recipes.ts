/** The recipes of docs/proxies.md as a test can run them: what an administrator puts his own into is replaced, and nothing else. */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Pair } from '../../support/certificates.ts';
import { nginxArguments } from '../../support/proxy-process.ts';
import { page } from '../../support/readme.ts';

/** What an administrator fills in. */
export interface Place {
  readonly folder: string;
  /** Of the server behind. */
  readonly upstream: number;
  /** Where the proxy listens: without TLS, and with it. */
  readonly http: number;
  readonly https: number;
  readonly pair: Pair;
}

export type Change = readonly [from: string, to: string];

export interface Recipe {
  readonly name: string;
  readonly program: string;
  /** Whether it speaks TLS, and HTTP/2 with it. */
  readonly isSecure: boolean;
  /** Writes the configuration, with changes of the recipe's text, and gives the arguments to start the program with. */
  prepare(place: Place, changes: readonly Change[]): readonly string[];
}

/** A block of the page, by the comment above it. Each change must find its place. */
export function blockOf(mark: string, changes: readonly Change[] = []): string {
  const [, block] =
    new RegExp(`<!-- ${mark} -->\\n\`\`\`\\w+\\n([\\s\\S]*?)\`\`\``).exec(page('docs/proxies.md')) ?? [];
  if (block === undefined) throw new Error(`docs/proxies.md has no block "${mark}".`);
  return changes.reduce((text, [from, to]) => {
    if (!text.includes(from)) throw new Error(`The block "${mark}" has no "${from}".`);
    return text.replaceAll(from, to);
  }, block);
}

const name: Change = ['chat.example.org', 'localhost'];
const upstream = (place: Place): Change => ['127.0.0.1:3000', `127.0.0.1:${place.upstream}`];

const nginxPlain: Recipe = {
  name: 'nginx without TLS',
  program: 'nginx',
  isSecure: false,
  prepare(place, changes) {
    const listen: Change = ['listen 80;', `listen 127.0.0.1:${place.http};`];
    return nginxArguments(place.folder, blockOf('nginx: plain', [...changes, listen, name, upstream(place)]));
  },
};

const nginx: Recipe = {
  name: 'nginx',
  program: 'nginx',
  isSecure: true,
  prepare(place, changes) {
    const site = blockOf('nginx: tls', [
      ...changes,
      ['/etc/letsencrypt/live/chat.example.org/fullchain.pem', place.pair.cert],
      ['/etc/letsencrypt/live/chat.example.org/privkey.pem', place.pair.key],
      ['listen 80;', `listen 127.0.0.1:${place.http};`],
      ['listen 443 ', `listen 127.0.0.1:${place.https} `],
      name,
      upstream(place),
    ]);
    return nginxArguments(place.folder, site);
  },
};

const caddy: Recipe = {
  name: 'Caddy',
  program: 'caddy',
  isSecure: true,
  prepare(place, changes) {
    const { cert, key } = place.pair;
    const file = join(place.folder, 'Caddyfile');
    // No certificate is asked for, nothing is installed on this machine, and nobody else is in its way.
    const own = [
      'admin off',
      'skip_install_trust',
      `storage file_system ${place.folder}`,
      'default_bind 127.0.0.1',
      `http_port ${place.http}`,
      `https_port ${place.https}`,
    ];
    const site = blockOf('caddy', [
      ...changes,
      ['{\n\tservers {', `{\n${own.join('\n')}\n\tservers {`],
      ['chat.example.org {', `localhost {\n\ttls ${cert} ${key}`],
      upstream(place),
    ]);
    writeFileSync(file, site);
    return ['run', '--config', file, '--adapter', 'caddyfile'];
  },
};

const haproxy: Recipe = {
  name: 'HAProxy',
  program: 'haproxy',
  isSecure: true,
  prepare(place, changes) {
    const both = join(place.folder, 'both.pem');
    writeFileSync(both, readFileSync(place.pair.cert, 'utf8') + readFileSync(place.pair.key, 'utf8'));
    const file = join(place.folder, 'haproxy.cfg');
    const site = blockOf('haproxy', [
      ...changes,
      ['bind :80', `bind 127.0.0.1:${place.http}`],
      ['bind :443', `bind 127.0.0.1:${place.https}`],
      ['/etc/haproxy/chat.example.org.pem', both],
      upstream(place),
    ]);
    writeFileSync(file, site);
    return ['-db', '-f', file];
  },
};

export const recipes = { nginxPlain, nginx, caddy, haproxy };
