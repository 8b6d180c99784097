/**
 * Holds what servers really answer against the document that they give of themselves (`/openapi.json`): nothing that it does
 * not have, and nothing that is not as it says. Members that no schema names are untrue too, though clients pass over them.
 */

import type { Static } from '@sinclair/typebox';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import type {
  Answer,
  JsonSchema,
  OpenApiDocument,
  OpenApiOperation,
  Reference,
} from '../../src/http/openapi/types.ts';
import type { Problem } from '../../src/schemas/common.ts';

/** An answer as it leaves a server. */
export interface RealAnswer {
  readonly method: string;
  /** The address as it is registered; undefined if there is none such. */
  readonly route: string | undefined;
  readonly status: number;
  readonly contentType: string | undefined;
  /** Undefined if it is not known. */
  readonly body: string | undefined;
}

/** An event as a client reads it. */
export interface RealEvent {
  readonly type: string;
  readonly id: string | undefined;
  readonly data: string;
}

type JsonObject = Readonly<Record<string, unknown>>;

const problemType = 'application/problem+json';
const base = 'https://parlor.invalid/openapi.json';

export class DocumentCheck {
  readonly document: OpenApiDocument;
  readonly #ajv = new Ajv2020({
    strict: false,
    validateFormats: false,
    // The linter has looked at the document: to do so in every process would be most of what this costs.
    validateSchema: false,
    allErrors: true,
  });
  /** Compiled when something is first held against them. */
  readonly #validators = new Map<string, ValidateFunction>();

  constructor(document: OpenApiDocument) {
    this.document = document;
    this.#ajv.addSchema({ ...(closed(document) as object), $id: base });
  }

  /** What is wrong with an answer, in a line; undefined if it is as the document says. */
  ofAnswer(answer: RealAnswer): string | undefined {
    const { method, route = '', status } = answer;
    const path = route.replaceAll(/:(\w+)/g, '{$1}');
    const verb = method === 'HEAD' ? 'get' : method.toLowerCase();
    const operation = this.document.paths[path]?.[verb];
    const what = `${method} ${route} ${status}`;
    if (!operation) return this.#unknown(answer, what);
    const described = operation.responses[status];
    if (!described) {
      return isStreamHead(answer, operation) ? undefined : `${what} is not in the document: ${answer.body}`;
    }
    return this.#wrongWith(answer, this.#resolved(described), pointerOf(path, verb, status, described), what);
  }

  /** What is wrong with an event of a stream. */
  ofEvent({ type, id, data }: RealEvent): string | undefined {
    const { anyOf } = this.document.components.schemas.StreamEvent as { anyOf: readonly JsonSchema[] };
    const index = anyOf.findIndex(
      ({ properties }) => (properties as { event: { const: string } }).event.const === type,
    );
    const what = `The event ${type} ${data}`;
    const properties = anyOf[index]?.properties as JsonObject | undefined;
    if (!properties) return `${what} is not in the document.`;
    if ('id' in properties !== (id !== undefined)) return `${what} has the id ${id}.`;
    return this.#mismatch(
      `#/components/schemas/StreamEvent/anyOf/${index}/properties/data/contentSchema`,
      data,
      what,
    );
  }

  /** What is wrong with some JSON, by a place in the document. */
  ofJson(pointer: string, value: unknown): string | undefined {
    return this.#mismatch(pointer, JSON.stringify(value), pointer);
  }

  /** Pages, files and preflights are in no document; errors are the same everywhere. */
  #unknown({ method, route, contentType, body }: RealAnswer, what: string): string | undefined {
    if (mediaType(contentType) === problemType) {
      return this.#mismatch('#/components/schemas/Problem', body, what);
    }
    const isOfApi = route?.startsWith('/v1/') && method !== 'OPTIONS';
    return isOfApi ? `${what} is not in the document.` : undefined;
  }

  #wrongWith(
    { status, contentType, body }: RealAnswer,
    { content }: Answer,
    pointer: string,
    what: string,
  ): string | undefined {
    // Of these Node sends none, whatever it was given.
    if (status === 204 || status === 304) return content && `${what} is told to have a body.`;
    if (!content) return body ? `${what} has a body: ${body}` : undefined;
    const type = mediaType(contentType);
    if (type === undefined || !(type in content))
      return `${what} is ${contentType}, which is not in the document.`;
    if (!type.endsWith('json')) return undefined;
    return this.#mismatch(`${pointer}/content/${escaped(type)}/schema`, body, what);
  }

  #mismatch(pointer: string, text: string | undefined, what: string): string | undefined {
    if (text === undefined) return undefined;
    const value = parsed(text);
    if (value === undefined) return `${what} is no JSON: ${text.slice(0, 100)}`;
    const validate = this.#validator(pointer);
    if (validate(value)) return undefined;
    const errors = this.#ajv.errorsText(validate.errors, { dataVar: '' });
    return `${what} is not as the document says: ${errors}; got ${text.slice(0, 1000)}`;
  }

  #validator(pointer: string): ValidateFunction {
    const known = this.#validators.get(pointer);
    if (known) return known;
    const validate = this.#ajv.compile({ $ref: base + pointer });
    this.#validators.set(pointer, validate);
    return validate;
  }

  #resolved(described: Answer | Reference): Answer {
    if (!('$ref' in described)) return described;
    const found = this.document.components.responses[described.$ref.split('/').at(-1) ?? ''];
    if (!found) throw new Error(`The document points to nothing: ${described.$ref}.`);
    return found;
  }
}

/** What streams are refused as is told in them; only `HEAD` gets it as a status. */
function isStreamHead({ method, status, body }: RealAnswer, { responses }: OpenApiOperation): boolean {
  const ok = responses[200];
  const isStream =
    ok !== undefined && 'content' in ok && ok.content !== undefined && 'text/event-stream' in ok.content;
  if (!isStream || method !== 'HEAD' || body === undefined) return false;
  const { code }: Static<typeof Problem> = JSON.parse(body);
  return (status === 429 && code === 'rate-limited') || (status === 503 && code === 'unavailable');
}

function pointerOf(path: string, method: string, status: number, described: Answer | Reference): string {
  return '$ref' in described ? described.$ref : `#/paths/${escaped(path)}/${method}/responses/${status}`;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A key in a JSON pointer in an address. */
function escaped(key: string): string {
  return encodeURIComponent(key.replaceAll('~', '~0').replaceAll('/', '~1'));
}

function mediaType(contentType: string | undefined): string | undefined {
  return contentType?.split(';')[0]?.trim();
}

/** The same document, where objects have no members but those that it names. */
function closed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(closed);
  if (typeof value !== 'object' || value === null) return value;
  const copy: Record<string, unknown> = {};
  for (const [key, member] of Object.entries(value)) copy[key] = closed(member);
  const isShape = copy.type === 'object' && 'properties' in copy && !('additionalProperties' in copy);
  return isShape ? { ...copy, additionalProperties: false } : copy;
}
