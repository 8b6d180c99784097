/** The API in a scope of Fastify: every hook and route of it, in their order, and the plain pages. */

import compress from '@fastify/compress';
import type { FastifyInstance } from 'fastify';
import { adminHistory } from './admin-history.ts';
import { adminRoutes } from './admin-routes.ts';
import { banRoutes } from './ban-routes.ts';
import { useBodies } from './bodies.ts';
import { useCors } from './cors.ts';
import { useCredentials } from './credentials.ts';
import { feedRoutes } from './feed-routes.ts';
import { loginRoutes } from './login-routes.ts';
import { useMethods } from './methods.ts';
import { moderationRoutes } from './moderation-routes.ts';
import { openApiPage } from './openapi-page.ts';
import { openApiRoutes, useOpenApi } from './openapi-routes.ts';
import { opsRoutes } from './ops-routes.ts';
import { overviewRoutes } from './overview-routes.ts';
import { plainPages } from './plain-pages.ts';
import { useNotFound, useProblems } from './problem-handlers.ts';
import { pullRoutes } from './pull-routes.ts';
import { pushRoutes } from './push-routes.ts';
import { refuseRepeatedHeaders } from './repeated-headers.ts';
import { roomRoutes } from './room-routes.ts';
import { useOpenServer } from './server-state.ts';
import type { Services } from './services.ts';
import { sessionRoutes } from './session-routes.ts';
import { useValidation } from './validation.ts';

/** Where the stylesheets of pages without scripts are: a page is there if its own is given. */
export interface Stylesheets {
  readonly plain?: string | undefined;
  readonly docs?: string | undefined;
}

export async function mountApi(
  app: FastifyInstance,
  services: Services,
  { plain, docs }: Stylesheets,
): Promise<void> {
  const { config } = services;
  const { bodyLimitBytes } = config;
  // The surrounding application may have it already, and it cannot be there twice.
  if (!app.hasReplyDecorator('compress')) {
    await app.register(compress, { global: false, encodings: ['br', 'gzip', 'deflate'] });
  }
  useProblems(app, bodyLimitBytes, services.reportProblem);
  // Without a prefix unknown addresses are the surrounding application's.
  if (app.prefix !== '') useNotFound(app, services.reportProblem);
  useValidation(app);
  useBodies(app, bodyLimitBytes);
  useCors(app, config);
  refuseRepeatedHeaders(app);
  useOpenServer(app, services.state);
  useCredentials(app);
  // Without a promise, which would cost an empty poll a twentieth of its time.
  app.addHook('onSend', (_request, reply, payload, done) => {
    reply.header('x-content-type-options', 'nosniff');
    // A connection that is kept open would hold up the shutdown [FAN-6].
    if (services.state() === 'draining') reply.header('connection', 'close');
    if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store');
    // JSON ends with its line, so that a terminal's next prompt does not stick to it.
    if (typeof payload === 'string' && payload.endsWith('}')) done(null, `${payload}\n`);
    else done();
  });
  const finishMethods = useMethods(app);
  const apiDocument = useOpenApi(app, services);
  await loginRoutes(app, services);
  await sessionRoutes(app, services);
  await pullRoutes(app, services);
  await pushRoutes(app, services);
  await feedRoutes(app, services);
  await adminRoutes(app, services);
  await adminHistory(app, services);
  await moderationRoutes(app, services);
  await overviewRoutes(app, services);
  await banRoutes(app, services);
  await roomRoutes(app, services);
  await opsRoutes(app, services);
  await openApiRoutes(app, apiDocument);
  finishMethods();
  if (plain !== undefined) await app.register(plainPages, { services, stylesheet: plain });
  if (docs !== undefined) await app.register(openApiPage, { apiDocument, stylesheet: docs });
}
