/**
 * Checks the shape of requests: bodies as they are, without coercion; queries and paths, which are text,
 * with it. Unknown members are refused, never dropped.
 */

import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import type { FastifyInstance } from 'fastify';
import { ChatError } from '../core/errors.ts';
import { quote } from '../core/quote.ts';

/** What is wrong with one member of a request. */
export interface FieldError {
  readonly path: string;
  readonly expected: string;
  readonly received: string;
}

/** A request of the wrong shape. */
export class InvalidShape extends ChatError {
  readonly errors: readonly FieldError[];

  constructor(errors: readonly FieldError[]) {
    const [first] = errors;
    super(
      'invalid-request',
      first
        ? `${first.path}: expected ${first.expected}; got ${first.received}.`
        : 'The request is malformed.',
    );
    this.errors = errors;
  }
}

const options = {
  strict: false,
  // With it, ajv would check no bounds of an `Infinity` that it has coerced itself.
  strictNumbers: false,
  validateFormats: false,
  verbose: true,
  useDefaults: true,
} as const;

/** Validates and serialises in this scope and below, whatever the surrounding application has set. */
export function useValidation(app: FastifyInstance): void {
  const exact = new Ajv({ ...options, coerceTypes: false });
  const coercing = new Ajv({ ...options, coerceTypes: true });
  // Answers are built to type: a serialiser that knows the schema would find nothing to drop.
  app.setSerializerCompiler(() => (value) => JSON.stringify(value));
  app.setValidatorCompiler(({ schema, httpPart }) => {
    // Compiled for whoever asks first: all of them together take a tenth of a start, and many are never asked for.
    let validate: ValidateFunction | undefined;
    return (value: unknown) => {
      validate ??= (httpPart === 'body' ? exact : coercing).compile(schema);
      // No body at all is as good as an empty object; Fastify makes it null.
      const input = httpPart === 'body' && (value === undefined || value === null) ? {} : value;
      if (validate(input)) return { value: input };
      return { error: new InvalidShape((validate.errors ?? []).map((error) => fieldError(error, httpPart))) };
    };
  });
}

function fieldError(error: ErrorObject, httpPart: string | undefined): FieldError {
  const where = httpPart === 'querystring' ? 'query' : (httpPart ?? 'request');
  return {
    path: `${where}${error.instancePath}`,
    expected: expectation(error),
    received: received(error),
  };
}

function expectation({ keyword, params, message }: ErrorObject): string {
  switch (keyword) {
    case 'required':
      return `a member ${quote(String(params.missingProperty))}`;
    case 'additionalProperties':
      return 'no other members';
    case 'enum':
      return `one of ${params.allowedValues.join(', ')}`;
    case 'type':
      return `a value of type ${params.type}`;
    default:
      return (message ?? 'another value').replace(/^must (be |match )?/, '');
  }
}

function received({ keyword, params, data }: ErrorObject): string {
  if (keyword === 'additionalProperties') return quote(String(params.additionalProperty));
  if (keyword === 'required') return 'none';
  if (typeof data === 'string') return quote(data);
  if (data === null || typeof data === 'number' || typeof data === 'boolean') return String(data);
  return Array.isArray(data) ? 'a list' : 'an object';
}
