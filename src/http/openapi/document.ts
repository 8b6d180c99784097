/**
 * The API's document (OpenAPI 3.1), made of what the routes say of themselves: their schemas, and the `api` beside them. What
 * holds for many of them alike is added here: what a room, a body, or any request at all can be refused as.
 */

import type { FastifySchema } from 'fastify';
import type { ErrorCode } from '../../core/errors.ts';
import { Problem } from '../../schemas/common.ts';
import { type ApiNotes, access, requestHeaders, tags } from './notes.ts';
import { answerHeaders, headerReferences, headersOf, ProblemAnswers } from './problems.ts';
import { SchemaShelf } from './schema-shelf.ts';
import {
  type Answer,
  isSchema,
  type JsonSchema,
  type MediaType,
  type OpenApiDocument,
  type OpenApiOperation,
  type Parameter,
} from './types.ts';

/** A route as it was registered, below the prefix. */
export interface ApiRoute {
  readonly method: string;
  /** With `:room` where the name of a room belongs. */
  readonly path: string;
  readonly schema: FastifySchema & { readonly api: ApiNotes };
  /** Whether its body may be plain text. */
  readonly acceptsText: boolean;
  /** Whether it is answered while the server starts and stops. */
  readonly isAlwaysAnswered: boolean;
}

interface About {
  readonly version: string;
  /** Where the API begins: absolute, or for whoever has the document from this server. */
  readonly serverUrl: string;
}

/** What any request can be refused as, whatever it asks for. */
const anyRequest: readonly ErrorCode[] = [
  'invalid-request',
  'request-timeout',
  'headers-too-large',
  'internal',
];
const anyBody: readonly ErrorCode[] = ['payload-too-large', 'unsupported-media-type'];
/** A stream is told this by a `bye`: `EventSource` would not try again after anything but a 200. */
const toldByStreams: readonly ErrorCode[] = ['unavailable', 'rate-limited'];

const description = `Parlor is a chat room server. Members poll, or hold a stream (SSE), and are in the same room either way.

A client opens a session with \`create\`, says something with \`send\`, and hears what is said by \`getUpdates\` or \`subscribe\`. Every event has a
position in the log of its room, a cursor: with the last one that it has seen, a client goes on where it was, on either way. Cookies and
bearer tokens prove a session alike; what comes with a cookie must come from a page of the same origin.

Errors are \`application/problem+json\` (RFC 9457), with a stable \`code\`. Clients pass over members of answers, and events, that they do not know.`;

const securitySchemes = {
  sessionCookie: {
    type: 'apiKey',
    in: 'cookie',
    name: 'parlor-{room}',
    description: 'What `create` sets: `parlor-lobby` for the room lobby, over HTTPS `__Host-parlor-lobby`',
  },
  sessionToken: {
    type: 'http',
    scheme: 'bearer',
    description: 'The `token` that `create` gives with `credential: bearer`',
  },
  loginToken: {
    type: 'http',
    scheme: 'bearer',
    description: 'Where somebody else says who one is: a JWT, or what AUTH_TOKENS names. See `getLogin`',
  },
  adminToken: { type: 'http', scheme: 'bearer', description: 'The ADMIN_TOKEN of the server' },
};

/** @throws Error if two schemas have one title */
export function documentOf(routes: readonly ApiRoute[], { version, serverUrl }: About): OpenApiDocument {
  const shelf = new SchemaShelf();
  const problems = new ProblemAnswers(shelf.put(Problem));
  const paths: Record<string, Record<string, OpenApiOperation>> = {};
  const order = Object.keys(tags);
  const sorted = [...routes].sort(
    (a, b) => order.indexOf(a.schema.api.tag) - order.indexOf(b.schema.api.tag),
  );
  for (const route of sorted) {
    const path = route.path.replaceAll(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationOf(route, shelf, problems) };
  }
  return {
    openapi: '3.1.1',
    info: {
      title: 'Parlor',
      version,
      summary: 'A self-hosted chat room server',
      description,
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: serverUrl, description: 'This server' }],
    tags: Object.entries(tags).map(([name, about]) => ({ name, description: about })),
    paths,
    components: {
      schemas: shelf.schemas,
      responses: problems.responses,
      examples: problems.examples,
      headers: answerHeaders,
      securitySchemes,
    },
  };
}

function operationOf(route: ApiRoute, shelf: SchemaShelf, problems: ProblemAnswers): OpenApiOperation {
  const { operationId = '', summary = '', description: about, api, params, querystring, body } = route.schema;
  const parameters = [
    ...parametersOf('path', params, shelf),
    ...parametersOf('query', querystring, shelf),
    ...(api.headers ?? []).map((name): Parameter => ({ in: 'header', ...requestHeaders[name] })),
  ];
  return {
    operationId,
    summary,
    ...(about !== undefined && { description: about }),
    tags: [api.tag],
    security: access[api.access].security,
    ...(parameters.length > 0 && { parameters }),
    ...(isSchema(body) && { requestBody: bodyOf(body, route.acceptsText, shelf) }),
    responses: { ...answersOf(route, shelf), ...problems.take(codesOf(route)) },
  };
}

function parametersOf(place: 'path' | 'query', schema: unknown, shelf: SchemaShelf): Parameter[] {
  if (!isSchema(schema) || !isSchema(schema.properties)) return [];
  const required = Array.isArray(schema.required) ? schema.required : [];
  return Object.entries(schema.properties).map(([name, property]) => {
    const { description: about, ...rest } = isSchema(property) ? property : {};
    return {
      name,
      in: place,
      ...(required.includes(name) && { required: true }),
      ...(typeof about === 'string' && { description: about }),
      schema: shelf.put(rest),
    };
  });
}

function bodyOf(schema: JsonSchema, acceptsText: boolean, shelf: SchemaShelf) {
  const json = { schema: shelf.put(schema) };
  const content: Record<string, MediaType> = { 'application/json': json };
  // A form knows text only, and none of it is taken for a number.
  if (isSchema(schema.properties) && Object.values(schema.properties).every(isText)) {
    content['application/x-www-form-urlencoded'] = json;
  }
  if (acceptsText) content['text/plain'] = { schema: { type: 'string', examples: ['hello'] } };
  return { required: Array.isArray(schema.required) && schema.required.length > 0, content };
}

/** What is answered when all is well. */
function answersOf({ schema }: ApiRoute, shelf: SchemaShelf): Record<string, Answer> {
  const answers: Record<string, Answer> = {};
  const { response } = schema;
  for (const [status, shape] of Object.entries(isSchema(response) ? response : {})) {
    if (status === 'default' || !isSchema(shape)) continue;
    const about = schema.api.answers?.[Number(status)];
    if (about === undefined) throw new Error(`${schema.operationId}: nobody says what ${status} means.`);
    const content = contentOf(shape, shelf);
    const headers = [...(schema.api.answerHeaders ?? []), ...(headersOf[Number(status)] ?? [])];
    answers[status] = {
      description: about,
      ...(headers.length > 0 && { headers: headerReferences(headers) }),
      ...(content && { content }),
    };
  }
  return answers;
}

function contentOf(shape: JsonSchema, shelf: SchemaShelf): Record<string, MediaType> | undefined {
  if (shape.type === 'null') return undefined;
  if (!isSchema(shape.content)) return { 'application/json': { schema: shelf.put(shape) } };
  return Object.fromEntries(
    Object.entries(shape.content).map(([type, media]) => [
      type,
      { schema: shelf.put(isSchema(media) && isSchema(media.schema) ? media.schema : {}) },
    ]),
  );
}

/** What a request for it can be refused as. */
function codesOf(route: ApiRoute): ReadonlySet<ErrorCode> {
  const { api, params, response } = route.schema;
  const inPath = isSchema(params) && isSchema(params.properties) ? Object.keys(params.properties) : [];
  const codes = new Set<ErrorCode>([
    ...anyRequest,
    ...access[api.access].errors,
    ...(api.errors ?? []),
    ...(route.method === 'GET' ? [] : anyBody),
    ...(inPath.includes('room') ? (['room-not-found'] as const) : []),
    // What is longer than an address may be in one place is no room's name: nobody looks for such a room.
    ...(inPath.length > 0 ? (['not-found'] as const) : []),
    ...(route.isAlwaysAnswered ? [] : (['unavailable'] as const)),
  ]);
  if (isSchema(response) && isStream(response[200])) for (const code of toldByStreams) codes.delete(code);
  return codes;
}

function isStream(shape: unknown): boolean {
  return isSchema(shape) && isSchema(shape.content) && 'text/event-stream' in shape.content;
}

function isText(schema: unknown): boolean {
  return isSchema(schema) && schema.type === 'string';
}
