/** Builds the whole server: the plugin, the pages, their files and security headers. Never listens. */

import { existsSync, readFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { basename, join } from 'node:path';
import helmet from '@fastify/helmet';
import fastifyStatic from '@fastify/static';
import Fastify, { type FastifyInstance } from 'fastify';
import type { Config } from './config/config.ts';
import { requireClientAuthority } from './config/server-config.ts';
import type { Clock } from './core/clock.ts';
import { adminPage } from './http/admin-page.ts';
import { brokenRequestHandler, refuseBrokenHeads } from './http/broken-requests.ts';
import { limitConnections } from './http/connection-limit.ts';
import { type EmbedScript, embedPages } from './http/embed-pages.ts';
import { chatErrorOf, problemOf, sendProblem } from './http/errors.ts';
import { forgetHeaders } from './http/forgotten-headers.ts';
import { useMethods } from './http/methods.ts';
import { pages } from './http/pages.ts';
import { counted, useNotFound, useProblems } from './http/problem-handlers.ts';
import { refuseRepeatedHeaders } from './http/repeated-headers.ts';
import type { SecureServer } from './http/secure-server.ts';
import { boundUnreadAnswers } from './http/unread-answers.ts';
import { closeUnusedConnections } from './http/unused-connections.ts';
import { Counters } from './metrics/counters.ts';
import { type ParlorParts, parlor } from './plugin.ts';
import { descriptorLimit } from './system/descriptors.ts';
import { systemClock } from './system/system-clock.ts';

export interface AppParts extends ParlorParts {
  /** The folder with the pages and their built assets. */
  readonly publicDirectory: string;
  /** How many descriptors the process may have open; what the system says if not given. */
  readonly descriptors?: number;
}

const requestTimeoutMs = 10_000;
const keepAliveTimeoutMs = 72_000;
const checkingIntervalMs = 2_000;

/** @throws Error in one line if the pages were not built, or what is there to speak TLS with cannot be used */
export async function buildApp(config: Config, parts: AppParts): Promise<FastifyInstance> {
  let requests = 0;
  const boot = Date.now().toString(36);
  const { clock = systemClock, descriptors = descriptorLimit() } = parts;
  const counters = parts.counters ?? new Counters();
  const observer = parts.counters ? (parts.observer ?? {}) : counters.observe(parts.observer ?? {});
  const report = counted(counters, parts.reportProblem);
  const secure = await secureServer(config, clock, (line) => parts.warn?.(line));
  const app = Fastify<Server>({
    logger: false,
    bodyLimit: config.bodyLimitBytes,
    requestTimeout: requestTimeoutMs,
    trustProxy: config.trustProxy.length > 0 ? [...config.trustProxy] : false,
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    genReqId: () => `${boot}-${(++requests).toString(36)}`,
    ...(secure && { serverFactory: secure.factory(keepAliveTimeoutMs) }),
    keepAliveTimeout: keepAliveTimeoutMs,
    http: {
      headersTimeout: requestTimeoutMs,
      connectionsCheckingInterval: checkingIntervalMs,
      requireHostHeader: false,
    },
    clientErrorHandler: brokenRequestHandler(report),
    frameworkErrors: (error, request, reply) => {
      const refusal = chatErrorOf(error, config.bodyLimitBytes);
      report(problemOf(refusal, request.id), error, { method: request.method });
      sendProblem(reply, refusal, request.id);
    },
  });
  refuseBrokenHeads(app, report);
  limitConnections(app, descriptors, clock, (line) => parts.warn?.(line));
  boundUnreadAnswers(app, config.slowClientMs);
  useProblems(app, config.bodyLimitBytes, report);
  useNotFound(app, report);
  warnOfUntrustedProxy(app, (line) => parts.warn?.(line));
  const assetOf = readAssets(parts.publicDirectory);
  const pageOf = (file: string) => readPage(parts.publicDirectory, file, assetOf);
  const roomPage = pageOf('index.html');
  const embed = {
    script: readEmbedScript(parts.publicDirectory, assetOf('embed.js')),
    framePage: pageOf('embed-frame.html'),
    builderPage: pageOf('embed.html'),
  };
  const operatorPage = pageOf('admin.html');
  const plainStylesheet = assetOf('plain.css');
  await app.register(parlor, {
    ...parts,
    config,
    counters,
    observer,
    onStream: forgetHeaders,
    stylesheets: { plain: plainStylesheet, docs: assetOf('docs.css') },
  });
  // Behind the plugin, which still answers for a moment what comes over them.
  await app.register(async (scope) => {
    closeUnusedConnections(scope);
    secure?.watch(scope);
  });
  await app.register(async (scope) => {
    refuseRepeatedHeaders(scope);
    const finishMethods = useMethods(scope);
    await scope.register(helmet, {
      contentSecurityPolicy: { useDefaults: false, directives: policy },
      // It would hold for all that speaks on this host, on whatever port: not ours to say.
      hsts: false,
      xFrameOptions: { action: 'deny' },
      // Browsers heed these two on HTTPS only, and on localhost: on the plain-HTTP address of a LAN each is nothing but a
      // warning in the console.
      crossOriginOpenerPolicy: secure !== undefined,
      originAgentCluster: secure !== undefined,
    });
    await scope.register(fastifyStatic, {
      root: join(parts.publicDirectory, 'assets'),
      prefix: '/assets/',
      preCompressed: true,
      immutable: true,
      maxAge: '1y',
      index: false,
      dotfiles: 'ignore',
      // Its name has no hash, and nobody but this file reads it.
      allowedPath: (path) => path !== '/manifest.json',
    });
    await scope.register(fastifyStatic, {
      root: join(parts.publicDirectory, 'icons'),
      prefix: '/static/',
      maxAge: '1d',
      index: false,
      dotfiles: 'ignore',
      decorateReply: false,
    });
    await scope.register(pages, { config, roomPage, plainStylesheet });
    await scope.register(embedPages, { config, ...embed, policyOf });
    if (config.adminToken !== null) await scope.register(adminPage, { page: operatorPage, policyOf });
    finishMethods();
  });
  return app;
}

/** What speaks TLS, if that is wished for: loaded only then. */
async function secureServer(
  config: Config,
  clock: Clock,
  warn: (line: string) => void,
): Promise<SecureServer | undefined> {
  const { tlsCert: cert, tlsKey: key, tlsClientCa: clientCa } = config;
  requireClientAuthority(config);
  if (cert === null || key === null) return undefined;
  const { SecureServer } = await import('./http/secure-server.ts');
  return SecureServer.open({
    paths: { cert, key, clientCa },
    clock,
    warn,
    requestTimeoutMs,
    checkingIntervalMs,
  });
}

/** Nothing from elsewhere, nothing inline, no frames. */
const policy = {
  defaultSrc: ["'none'"],
  scriptSrc: ["'self'"],
  styleSrc: ["'self'"],
  imgSrc: ["'self'", 'data:'],
  connectSrc: ["'self'"],
  manifestSrc: ["'self'"],
  baseUri: ["'none'"],
  formAction: ["'self'"],
  frameAncestors: ["'none'"],
};

type OwnDirective = keyof typeof policy | 'frameSrc' | 'requireTrustedTypesFor' | 'trustedTypes';

/** The same, but for what is given, as the header has it. */
function policyOf(own: Partial<Record<OwnDirective, readonly string[]>>): string {
  return Object.entries({ ...policy, ...own })
    .map(([name, sources]) =>
      [name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`), ...sources].join(' '),
    )
    .join(';');
}

/** Knows the addresses of the built assets, by the names of their sources. */
function readAssets(publicDirectory: string): (name: string) => string {
  const manifestFile = join(publicDirectory, 'assets', 'manifest.json');
  if (!existsSync(manifestFile)) throw new Error(`${manifestFile} is missing: run "npm run build" first.`);
  const manifest: Record<string, string> = JSON.parse(readFileSync(manifestFile, 'utf8'));
  return (name) => {
    const file = manifest[name];
    if (file === undefined)
      throw new Error(`A page asks for the asset ${name}, which was not built: run "npm run build".`);
    return `/assets/${file}`;
  };
}

/** A page with the addresses of its assets filled in. */
function readPage(publicDirectory: string, file: string, assetOf: (name: string) => string): string {
  const page = readFileSync(join(publicDirectory, file), 'utf8');
  return page.replaceAll(/\{\{asset:([^}]+)\}\}/g, (_match, name: string) => assetOf(name));
}

/** Served from memory: it has an address of its own. */
function readEmbedScript(publicDirectory: string, address: string): EmbedScript {
  const file = join(publicDirectory, address);
  return {
    etag: `W/"${basename(address, '.js')}"`,
    plain: readFileSync(file),
    br: readFileSync(`${file}.br`),
    gzip: readFileSync(`${file}.gz`),
  };
}

/** Says once that a proxy is not trusted: all its clients are then counted as one. */
function warnOfUntrustedProxy(app: FastifyInstance, warn: (line: string) => void): void {
  let isSaid = false;
  app.addHook('onRequest', (request, _reply, done) => {
    if (
      !isSaid &&
      request.headers['x-forwarded-for'] !== undefined &&
      // Alone is who is not trusted. A client on the proxy's own machine has the proxy's address.
      (request.ips?.length ?? 1) === 1
    ) {
      isSaid = true;
      warn(
        `${request.ip} sends X-Forwarded-For and is not in TRUST_PROXY: what it says of its clients is ignored.`,
      );
    }
    done();
  });
}
