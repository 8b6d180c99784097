/** Certificates as an administrator makes them, by openssl; a test that wants some asks first whether it is there. */

import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { promisify } from 'node:util';
import { temporaryFolder } from './sqlite.ts';

const run = promisify(execFile);
const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

/** A certificate with its key: the paths of both. */
export class Pair {
  readonly cert: string;
  readonly key: string;

  constructor(base: string) {
    this.cert = `${base}.pem`;
    this.key = `${base}.key`;
  }

  /** As Node takes it. */
  get texts(): { cert: string; key: string } {
    return { cert: readFileSync(this.cert, 'utf8'), key: readFileSync(this.key, 'utf8') };
  }
}

export interface Wanted {
  /** As openssl takes it: `/O=Example/CN=Ada`. */
  readonly subject?: string;
  /** As openssl takes them: `email:ada@example.org,DNS:ada.example.org`. */
  readonly names?: string;
  /** Until when: -1 is one that has expired. */
  readonly days?: number;
  readonly usage?: 'clientAuth' | 'serverAuth';
}

/** Somebody who issues certificates, and is trusted by whoever is given `cert`. */
export class Authority extends Pair {
  readonly #folder: string;

  private constructor(folder: string, name: string) {
    super(join(folder, name));
    this.#folder = folder;
  }

  /** In a folder that is removed with the test. */
  static async create(t: TestContext, name = 'authority'): Promise<Authority> {
    const authority = new Authority(temporaryFolder(t), name);
    const { cert, key } = authority;
    const files = ['-keyout', key, '-out', cert];
    await run('openssl', ['req', '-x509', ...newKey, '-subj', `/CN=${name}`, '-days', '2', ...files]);
    return authority;
  }

  async issue(name: string, wanted: Wanted = {}): Promise<Pair> {
    const { subject = `/CN=${name}`, names, days = 1, usage = 'clientAuth' } = wanted;
    const base = join(this.#folder, name);
    const pair = new Pair(base);
    const [request, extensions] = [`${base}.csr`, `${base}.ext`];
    const lines = [`extendedKeyUsage=${usage}`, ...(names === undefined ? [] : [`subjectAltName=${names}`])];
    writeFileSync(extensions, `${lines.join('\n')}\n`);
    const asked = ['-utf8', '-subj', subject, '-keyout', pair.key, '-out', request];
    await run('openssl', ['req', ...newKey, ...asked]);
    const signing = ['-CA', this.cert, '-CAkey', this.key, '-CAcreateserial', '-days', String(days)];
    const files = ['-in', request, '-extfile', extensions, '-out', pair.cert];
    await run('openssl', ['x509', '-req', ...signing, ...files]);
    return pair;
  }

  /** The certificate of a server on the loopback. */
  server(name = 'server', wanted: Wanted = {}): Promise<Pair> {
    return this.issue(name, { names: 'DNS:localhost,IP:127.0.0.1', usage: 'serverAuth', ...wanted });
  }
}
