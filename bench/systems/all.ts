/** The systems under test. */

import { hasNchan, nchan } from './nchan.ts';
import { parlor } from './parlor.ts';
import { baseline } from './system.ts';

export const rawNet = baseline('raw net, gathering', 'raw-net', ['gathering']);
export const rawNetSingly = baseline('raw net, one write per message', 'raw-net');
export const nodeHttp = baseline('node:http', 'node-http');
export const betterSse = baseline('better-sse', 'better-sse');
export const fastifySse = baseline('@fastify/sse', 'fastify-sse');
export const socketIo = baseline('Socket.IO', 'socket-io');
export const bareRoute = baseline('bare Fastify route', 'bare-route');
/** None if it is not installed. */
export const nchans = hasNchan ? [nchan] : [];

export { parlor };
