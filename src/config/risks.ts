/** What is unsafe about a configuration, once others than this machine reach the server. */

import { statSync } from 'node:fs';
import { join } from 'node:path';
import { quote } from '../core/quote.ts';
import type { Config } from './config.ts';
import type { Setting } from './load-config.ts';
import { listOptions } from './options.ts';
import type { RiskName } from './risk-names.ts';

export interface RiskSources {
  readonly config: Config;
  readonly settings: readonly Setting[];
  /** Where `.env` is. */
  readonly directory: string;
}

const readableByOthers = 0o004;
const writableByOthers = 0o022;

/** A line for each risk that is not accepted: what is so, what to do, and its name. None while nobody else comes here. */
export function risksOf(sources: RiskSources): string[] {
  const { config } = sources;
  if (!isReached(config)) return [];
  return [...found(sources)]
    .filter(([name]) => !config.acceptedRisks.includes(name))
    .map(([name, line]) => `${line} (${name})`);
}

/** Whether it listens to others, or something before it does. */
function isReached({ host, publicUrl, trustProxy, metrics }: Config): boolean {
  return !isLoopback(host) || publicUrl !== null || trustProxy.length > 0 || isAbroad(metrics);
}

function isAbroad(metrics: Config['metrics']): boolean {
  return typeof metrics === 'object' && !isLoopback(metrics.host);
}

function isLoopback(host: string): boolean {
  return /^(?:localhost|127\.[0-9.]+|::1)$/i.test(host);
}

function* found(sources: RiskSources): Generator<readonly [RiskName, string]> {
  const { host, tlsCert, trustProxy, publicUrl, auth, ...config } = sources.config;
  const isOpen = auth.some(({ type }) => type === 'open');
  const isHttps = tlsCert !== null || publicUrl?.startsWith('https:');
  if (!isLoopback(host) && !isHttps && trustProxy.length === 0) {
    yield [
      'plain-http',
      `HOST: ${host} is open to others, without TLS: set TLS_CERT and TLS_KEY, or TRUST_PROXY and PUBLIC_URL behind a proxy that speaks it.`,
    ];
  }
  if (isOpen && config.adminToken !== null) {
    yield [
      'open-admin',
      'AUTH: open lets anybody have any name, the operator’s too: have names vouched for (AUTH), or ban by address and announce as the operator.',
    ];
  }
  const isPublic = config.feed === 'public' && auth.some(({ type }) => type !== 'open');
  if (isPublic) {
    yield [
      'public-feed',
      'FEED: public shows anybody what is said, though AUTH says who may join: set FEED to members.',
    ];
    if (config.feedOrigins === '*') {
      yield [
        'feed-origins',
        'FEED_ORIGINS: * lets the page of any origin read the feed: name those that may, or none.',
      ];
    }
  }
  if (config.embedOrigins === '*') {
    yield [
      'embed-origins',
      'EMBED_ORIGINS: * lets the page of any origin frame a room: name those that may.',
    ];
  }
  if (isAbroad(config.metrics)) {
    yield [
      'open-metrics',
      'METRICS: anybody who reaches that address reads the figures: name one of this machine, or set admin.',
    ];
  }
  yield* exposedFiles(sources);
  if (config.storeUrl.scheme === 'memory') {
    yield [
      'memory-store',
      'STORE_URL: memory: keeps nothing over a restart: set sqlite: with the path of a file, or redis://.',
    ];
  }
}

function* exposedFiles({ config, settings, directory }: RiskSources): Generator<readonly [RiskName, string]> {
  const secrets = settings.filter(({ variable, text, from }) => from === '.env' && hides(variable, text));
  const files: readonly (readonly [option: string, path: string | null])[] = [
    ['TLS_KEY', config.tlsKey],
    ['STORE_KEY', config.storeKey],
    ...config.auth.flatMap((choice) => (choice.type === 'file' ? [['AUTH', choice.path] as const] : [])),
    ...secrets.slice(0, 1).map(({ variable }) => [variable, join(directory, '.env')] as const),
  ];
  for (const [option, path] of files) {
    const mode = path === null ? 0 : modeOf(path);
    if ((mode & (readableByOthers | writableByOthers)) === 0) continue;
    const what = (mode & writableByOthers) === 0 ? 'read' : 'change';
    yield [
      'readable-secrets',
      `${option}: others on this machine may ${what} ${quote(path ?? '')}: chmod 600 it, or 640 for a group.`,
    ];
  }
}

function hides(variable: string, text: string): boolean {
  const { hide } = listOptions().find((option) => option.variable === variable)?.type ?? {};
  return hide !== undefined && hide(text) !== text;
}

/** Of a file that is there; Windows has no such modes. */
function modeOf(path: string): number {
  if (process.platform === 'win32') return 0;
  return statSync(path, { throwIfNoEntry: false })?.mode ?? 0;
}
