/** What is wrong with the files that a configuration names, as far as looking at them tells. Nothing is written or asked. */

import { readFileSync, statSync } from 'node:fs';
import { quote } from '../core/quote.ts';
import { whyUnreadable } from '../core/unreadable.ts';
import { readCertificateFiles } from '../system/certificate-files.ts';
import { skeleton } from '../system/skeleton.ts';
import { systemClock } from '../system/system-clock.ts';
import type { Config } from './config.ts';
import { configuredAuthenticators } from './configured-authenticators.ts';

export interface FileFindings {
  /** Each a line: the server would not start, or nobody could use it. */
  readonly problems: string[];
  readonly warnings: string[];
}

const day = 86_400_000;
/** Most authorities renew a month before the end. */
const soonMs = 14 * day;

/** @param now wall milliseconds */
export async function checkFiles(config: Config, now: number): Promise<FileFindings> {
  const findings: FileFindings = { problems: [], warnings: [] };
  await checkOwnTls(config, now, findings);
  await checkStoreTls(config, findings.problems);
  await checkAuthenticators(config, findings.problems);
  await checkStore(config, findings.problems);
  return findings;
}

async function checkOwnTls(
  { tlsCert: cert, tlsKey: key, tlsClientCa: clientCa }: Config,
  now: number,
  { problems, warnings }: FileFindings,
): Promise<void> {
  if (cert === null || key === null) return;
  if (!areReadable({ TLS_CERT: cert, TLS_KEY: key, TLS_CLIENT_CA: clientCa }, problems)) return;
  try {
    const { validFrom, validTo } = await readCertificateFiles({ cert, key, clientCa });
    const from = new Date(validFrom).toISOString();
    const to = new Date(validTo).toISOString();
    if (now < validFrom) problems.push(`TLS_CERT: ${quote(cert)} counts only from ${from} on.`);
    if (now > validTo) problems.push(`TLS_CERT: ${quote(cert)} has expired on ${to}.`);
    else if (now > validTo - soonMs) warnings.push(`TLS_CERT: ${quote(cert)} expires on ${to}.`);
  } catch (error) {
    problems.push(lineOf(error));
  }
}

async function checkStoreTls(
  { storeUrl, storeCa: ca, storeCert: cert, storeKey: key }: Config,
  problems: string[],
): Promise<void> {
  if (storeUrl.scheme !== 'redis') return;
  if (!areReadable({ STORE_CA: ca, STORE_CERT: cert, STORE_KEY: key }, problems)) return;
  const { withTlsFiles } = await import('../stores/redis/tls-files.ts');
  await withTlsFiles(storeUrl.address, { ca, cert, key }).catch((error) => problems.push(lineOf(error)));
}

/** Each by itself: of several all are told. */
async function checkAuthenticators(config: Config, problems: string[]): Promise<void> {
  const parts = { clock: systemClock, skeleton, warn: () => {} };
  for (const choice of config.auth) {
    // Its address would be asked whether anybody is there.
    if (choice.type === 'webhook') continue;
    // Only a public key may be a file.
    if (choice.type === 'jwt' && config.jwtPublicKey === null) continue;
    await configuredAuthenticators({ ...config, auth: [choice] }, parts).catch((error) =>
      problems.push(lineOf(error)),
    );
  }
}

/** Whether a Redis answers is not asked: a server starts before it, and `/readyz` says so. */
async function checkStore({ storeUrl }: Config, problems: string[]): Promise<void> {
  try {
    switch (storeUrl.scheme) {
      case 'sqlite': {
        const { checkPlace } = await import('../stores/sqlite/check-place.ts');
        return checkPlace(storeUrl.path);
      }
      case 'redis': {
        const { loadRedis } = await import('../stores/redis/library.ts');
        await loadRedis();
      }
    }
  } catch (error) {
    problems.push(`STORE_URL: ${lineOf(error)}`);
  }
}

/** Those that cannot be read are told together; who reads them to use them stops at the first. */
function areReadable(files: Readonly<Record<string, string | null>>, problems: string[]): boolean {
  const before = problems.length;
  for (const [option, path] of Object.entries(files)) {
    try {
      if (path === null) continue;
      // A pipe or a device may never end.
      if (!statSync(path).isFile()) throw new Error('no file');
      readFileSync(path);
    } catch (error) {
      problems.push(
        `${option}: ${quote(path ?? '')} cannot be read (${whyUnreadable(path ?? '', error, process.cwd())}).`,
      );
    }
  }
  return problems.length === before;
}

function lineOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
