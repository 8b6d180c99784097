/**
 * Lets a server that stops go on for a moment, in which it refuses in words what is on its way to it. Closing idle
 * connections at once would cut off whoever is just asking, and he could not tell whether he was heard.
 */

import type { Server as HttpServer } from 'node:http';
import type { Server } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

// What is on its way arrives within this, unless it comes from the other side of the earth.
const mostMs = 250;
const shareOfShutdown = 1 / 20;
const lookEveryMs = 50;

/** @param shutdownMs how long the whole shutdown may take */
export async function linger(server: Server, shutdownMs: number): Promise<void> {
  const ms = Math.min(mostMs, shutdownMs * shareOfShutdown);
  if (server.listening && ms > 0) await delay(ms);
}

/**
 * Closes connections as their answers end, until the server has closed. Those over which an answer is under way when it begins to
 * close Node keeps open for Fastify's keepAliveTimeout of 72 seconds.
 */
export function closeAsTheyIdle(server: HttpServer): void {
  const timer = setInterval(() => server.closeIdleConnections(), lookEveryMs).unref();
  server.once('close', () => clearInterval(timer));
}
