/**
 * The server that speaks TLS itself. Its certificate is read again while it runs: connections that are open go on with the
 * old one, and while what is there cannot be used, what was there before goes on to count.
 */

import type { Server as HttpServer, RequestListener } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { FastifyInstance, FastifyServerFactory } from 'fastify';
import type { Clock } from '../core/clock.ts';
import { quote } from '../core/quote.ts';
import {
  type CertificateFiles,
  type CertificatePaths,
  readCertificateFiles,
} from '../system/certificate-files.ts';
import { Handshakes } from './handshakes.ts';

/** As a request has to arrive within. */
const handshakeTimeoutMs = 10_000;
/** A few kilobytes are read each time: no way of replacing files, and no file system, can hide that from it. */
const lookEveryMs = 5_000;

export interface SecureServerOptions {
  readonly paths: CertificatePaths;
  readonly clock: Clock;
  /** Told in one line of what cannot be used, or what clients will not accept. */
  readonly warn: (line: string) => void;
  /** How long a request may take to arrive, and how often that is looked at. */
  readonly requestTimeoutMs: number;
  readonly checkingIntervalMs: number;
}

export class SecureServer {
  readonly #options: SecureServerOptions;
  readonly #servers: Server[] = [];
  readonly #handshakes = new Handshakes();
  #files: CertificateFiles;
  /** What was wrong when the files were last looked at. */
  #trouble: string | undefined;
  #warned: string | undefined;
  #isLooking = false;

  private constructor(options: SecureServerOptions, files: CertificateFiles) {
    this.#options = options;
    this.#files = files;
    this.#warnOfDates();
  }

  /** @throws Error in one line if the files cannot be used */
  static async open(options: SecureServerOptions): Promise<SecureServer> {
    return new SecureServer(options, await readCertificateFiles(options.paths));
  }

  /** For Fastify, to which the server is one like any other. */
  factory(keepAliveTimeoutMs: number): FastifyServerFactory<HttpServer> {
    return (handler) => this.#create(handler, keepAliveTimeoutMs);
  }

  /** Looks after the certificate until the application closes, and then cuts off who is about to connect. */
  watch(app: FastifyInstance): void {
    const looks = this.#options.clock.every(lookEveryMs, () => void this.#look());
    app.addHook('preClose', async () => {
      looks.cancel();
      this.#handshakes.end();
    });
  }

  #create(handler: RequestListener, keepAliveTimeoutMs: number): Server {
    const { paths, requestTimeoutMs, checkingIntervalMs } = this.#options;
    const server = createServer(
      {
        ...this.#files.context,
        handshakeTimeout: handshakeTimeoutMs,
        // Asked for, not demanded: the page opens without one, and who decides about logins says what is wrong.
        requestCert: paths.clientCa !== null,
        rejectUnauthorized: false,
        requestTimeout: requestTimeoutMs,
        headersTimeout: requestTimeoutMs,
        connectionsCheckingInterval: checkingIntervalMs,
        requireHostHeader: false,
        keepAliveTimeout: keepAliveTimeoutMs,
      },
      handler,
    );
    this.#handshakes.watch(server);
    this.#servers.push(server);
    return server;
  }

  async #look(): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    try {
      this.#take(await readCertificateFiles(this.#options.paths));
    } catch (error) {
      this.#keep(error instanceof Error ? error.message : String(error));
    } finally {
      this.#isLooking = false;
    }
  }

  #take(files: CertificateFiles): void {
    this.#trouble = undefined;
    if (files.texts !== this.#files.texts) {
      // It has been tried out, so that either all of them take it or none.
      for (const server of this.#servers) server.setSecureContext(files.context);
      this.#files = files;
      this.#warned = undefined;
    }
    this.#warnOfDates();
  }

  #keep(trouble: string): void {
    // Found twice before it is told: a certificate and its key are replaced one after the other.
    if (trouble === this.#trouble) this.#warnOnce(`${trouble} What was there before goes on to count.`);
    this.#trouble = trouble;
  }

  #warnOfDates(): void {
    const { validFrom, validTo } = this.#files;
    const now = this.#options.clock.wall();
    const which = `TLS_CERT: the certificate in ${quote(this.#options.paths.cert)}`;
    const day = (time: number) => new Date(time).toISOString().slice(0, 10);
    if (now > validTo) this.#warnOnce(`${which} has expired (${day(validTo)}): clients refuse it.`);
    else if (now < validFrom) this.#warnOnce(`${which} is not valid before ${day(validFrom)}.`);
  }

  #warnOnce(line: string): void {
    if (line === this.#warned) return;
    this.#warned = line;
    this.#options.warn(line);
  }
}
