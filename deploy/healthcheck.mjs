/**
 * Ends with 0 if the Parlor server of this container is alive, otherwise with 1 and a line that says why. It asks for life and not
 * for readiness (`/readyz`): while the store is away the server does what it can, and to start it anew would help nobody. How
 * long it may take is for the engine to say. It runs in the server's folder, so that it finds the same `.env`.
 */
import { existsSync, readFileSync } from 'node:fs';
import { request as overHttp } from 'node:http';
import { request as overHttps } from 'node:https';
import { parseEnv } from 'node:util';

const written = existsSync('.env') ? parseEnv(readFileSync('.env', 'utf8').replace(/^\uFEFF/, '')) : {};
const host = option('HOST', '127.0.0.1');
const options = {
  // What listens on all addresses does on loopback.
  host: { '0.0.0.0': '127.0.0.1', '::': '::1' }[host] ?? host,
  port: option('PORT', '3000'),
  path: '/livez',
  // It asks itself, by an address that no certificate is for.
  rejectUnauthorized: false,
};

const request = (option('TLS_CERT', '') === '' ? overHttp : overHttps)(options, ({ statusCode }) => {
  if (statusCode === 200) process.exit(0);
  fail(`/livez was answered with ${statusCode}.`);
});
request.once('error', ({ message }) => fail(message));
request.end();

/** As the server takes it: the environment wins, and what is empty is not said. */
function option(name, fallback) {
  return process.env[name]?.trim() || written[name]?.trim() || fallback;
}

function fail(why) {
  console.error(why);
  process.exit(1);
}
