/**
 * The room without scripts: a pull client on the server's side, for text browsers and whoever has scripts switched off.
 * It has the session that the API has, by the same cookie, and asks the domain the same things.
 */

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Config } from '../config/config.ts';
import type { ChatError } from '../core/errors.ts';
import { RoomParams } from '../schemas/common.ts';
import { JoinForm, PlainQuery, SendForm } from '../schemas/plain.ts';
import { clearedCookie } from './cookies.ts';
import { createSession, requireCreate } from './create-session.ts';
import { requireAddress, requireRoom, requireSession, sessionHook, sessionOf } from './credentials.ts';
import { chatErrorOf, problemOf, setProblemHead } from './errors.ts';
import { useMethods } from './methods.ts';
import { PlainAnswers } from './plain/answers.ts';
import { type Page, sendPage, sendRefusal } from './plain/layout.ts';
import { nameCookie } from './plain/name-cookie.ts';
import { isOutside, visitorOf } from './plain/visitor.ts';
import { isPlainHost } from './plain-host.ts';
import { requirePosition } from './positions.ts';
import { askedFor } from './problem-handlers.ts';
import { requireSameOrigin } from './same-origin.ts';
import { always, requireOpenServer } from './server-state.ts';
import type { Services } from './services.ts';
import type { TypedApp } from './typed-app.ts';

interface PlainPagesOptions {
  readonly services: Services;
  /** Where their stylesheet is. */
  readonly stylesheet: string;
}

type RoomRequest = FastifyRequest<{ Params: { room: string } }>;

const path = '/plain/:room';

export async function plainPages(
  scope: FastifyInstance,
  { services, stylesheet }: PlainPagesOptions,
): Promise<void> {
  const app: TypedApp = scope.withTypeProvider();
  const { config, registry } = services;
  const answers = new PlainAnswers(services, stylesheet);
  const finishMethods = useMethods(scope);

  /** Answers the errors of a route with a page. */
  const refuseBy = (page: (request: RoomRequest, error: ChatError) => Page) => {
    return (thrown: unknown, request: FastifyRequest, reply: FastifyReply): void => {
      const error = chatErrorOf(thrown, config.bodyLimitBytes);
      services.reportProblem(problemOf(error, request.id), thrown, askedFor(request));
      setProblemHead(reply, error);
      // A 401 asks for a credential in a header, which no form gives; Lynx asks whether it may show such a page.
      if (reply.statusCode === 401) reply.code(403).removeHeader('www-authenticate');
      sendRefusal(reply, page(request as RoomRequest, error));
    };
  };
  const refuse = refuseBy((request, error) => answers.refused(request, error));
  scope.setErrorHandler(refuse);

  const requireOwnForm = async (request: RoomRequest): Promise<void> => {
    requireRoom(request.params.room, services);
    requireSameOrigin(request, config);
  };

  for (const url of ['/plain', '/plain/']) {
    app.get(url, (_request, reply) => seeOther(reply, config.frontRoom));
  }

  app.get(path, { schema: { params: RoomParams, querystring: PlainQuery } }, async (request, reply) => {
    const { room } = request.params;
    requireRoom(room, services);
    const { session, gone } = await visitorOf(request, room, services);
    if (session) requireAddress(request, room, services);
    const page = session
      ? await answers.inside(request, session, positionsOf(request.query))
      : await answers.outside(request, gone, request.query.from);
    return sendPage(reply, page);
  });

  const refuseFrame = refuseBy((request, error) => answers.refusedFrame(request, error));
  for (const frame of ['log', 'news'] as const) {
    app.get(
      `${path}/${frame}`,
      { schema: { params: RoomParams, querystring: PlainQuery }, errorHandler: refuseFrame },
      async (request, reply) => {
        const { room } = request.params;
        requireRoom(room, services);
        const session = await requireSession(request, room, services);
        requireAddress(request, room, services);
        const positions = positionsOf(request.query);
        const page = await (frame === 'log'
          ? answers.frame(request, session, positions)
          : answers.news(request, session, positions));
        return sendPage(reply, page);
      },
    );
  }

  app.post(
    `${path}/join`,
    {
      // Refused only once the body is read: what was typed is shown again.
      config: { answeredWhile: always },
      schema: { params: RoomParams, body: JoinForm },
      onRequest: requireOwnForm,
    },
    async (request, reply) => {
      requireOpenServer(services.state());
      requireCreate(request, services);
      const { room } = request.params;
      const { name = '', password, key = null, message = '', messageKey = null } = request.body;
      const { session } = await createSession(
        request,
        reply,
        {
          room,
          name: name.trim() === '' ? undefined : name,
          password,
          delivery: 'pull',
          usesCookie: true,
          createKey: key?.toLowerCase() ?? null,
        },
        services,
      );
      reply.header('set-cookie', nameCookie(request, session.name));
      request.chatSession = session;
      if (message.trim() !== '') await session.send(message, messageKey);
      return seeOther(reply, room, { from: 'join' });
    },
  );

  app.post(
    `${path}/send`,
    {
      config: { answeredWhile: always },
      schema: { params: RoomParams, body: SendForm },
      onRequest: requireOwnForm,
    },
    async (request, reply) => {
      requireOpenServer(services.state());
      const { room } = request.params;
      const { message, key = null, after = '' } = request.body;
      const session = await requireSession(request, room, services);
      requireAddress(request, room, services);
      request.chatSession = session;
      await session.send(message, key);
      session.noteOutbound();
      return seeOther(reply, room, after === '' ? {} : { after });
    },
  );

  app.post(
    `${path}/leave`,
    {
      // As `destroy` of the API.
      config: { answeredWhile: ['draining'] },
      schema: { params: RoomParams },
      onRequest: [requireOwnForm, sessionHook(services, { isLeaving: true })],
      errorHandler: (error, request, reply) => {
        const { room } = (request as RoomRequest).params;
        if (isOutside(error)) seeOther(reply, room);
        else refuseBy((refused, problem) => answers.refusedLeave(refused, problem))(error, request, reply);
      },
    },
    async (request, reply) => {
      const { room } = request.params;
      await registry.leave(sessionOf(request));
      reply.header('set-cookie', clearedCookie(request, room));
      return seeOther(reply, room, { from: 'leave' });
    },
  );

  // Where somebody is who was refused, and asks for the address again.
  for (const form of ['join', 'send', 'leave']) {
    app.get(`${path}/${form}`, { schema: { params: RoomParams } }, (request, reply) => {
      requireRoom(request.params.room, services);
      return seeOther(reply, request.params.room);
    });
  }
  finishMethods();

  function seeOther(reply: FastifyReply, room: string, query: Record<string, string> = {}): FastifyReply {
    const text = new URLSearchParams({ ...query, t: answers.mark() });
    return reply.redirect(
      `${baseFor(reply.request, config)}/plain/${room}?${text}${placeFor(reply.request)}`,
      303,
    );
  }
}

/** Lynx complains for three seconds of a redirect that names no host. Whatever stands before us may know better, so only there. */
function baseFor({ headers, protocol, host }: FastifyRequest, { publicUrl }: Config): string {
  if (!headers['user-agent']?.startsWith('Lynx/') || !isPlainHost(host)) return '';
  // Of a proxy that is not trusted nobody says that it speaks TLS.
  return publicUrl === `https://${host}` ? publicUrl : `${protocol}://${host}`;
}

/** Text browsers begin at the top, and most want to be at the end. The others say where a form comes from, and would forget `autofocus`. */
function placeFor({ headers }: FastifyRequest): string {
  return headers.origin === undefined && headers['sec-fetch-site'] === undefined ? '#latest' : '';
}

function positionsOf({ after, before }: { readonly after?: string; readonly before?: string }) {
  return { after: requirePosition(after === '' ? undefined : after), before: requirePosition(before) };
}
