/**
 * Ends with 0 if the Parlor server of this container is alive, otherwise with 1 and a line that says why. It asks for life and not
 * for readiness (`/readyz`): while the store is away the server does what it can, and to start it anew would help nobody. How
 * long it may take is for the engine to say.
 */
import { request as overHttp } from 'node:http';
import { request as overHttps } from 'node:https';

const { HOST = '127.0.0.1', PORT = '3000', TLS_CERT = '' } = process.env;
// What listens on all addresses does on loopback.
const host = { '0.0.0.0': '127.0.0.1', '::': '::1' }[HOST] ?? HOST;
// It asks itself, by an address that no certificate is for.
const options = { host, port: PORT, path: '/livez', rejectUnauthorized: false };

const request = (TLS_CERT === '' ? overHttp : overHttps)(options, ({ statusCode }) => {
  if (statusCode === 200) process.exit(0);
  fail(`/livez was answered with ${statusCode}.`);
});
request.once('error', ({ message }) => fail(message));
request.end();

function fail(why) {
  console.error(why);
  process.exit(1);
}
