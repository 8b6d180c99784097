/** Fastify with types from TypeBox schemas. */

import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import type { ApiNotes } from './openapi/notes.ts';

declare module 'fastify' {
  interface FastifySchema {
    /** The name of the operation in the API's documents. */
    operationId?: string;
    summary?: string;
    description?: string;
    /** For the API's documents; without it a route is in none. */
    api?: ApiNotes;
  }
}

export type TypedApp = ReturnType<typeof withTypes>;

function withTypes(app: FastifyInstance) {
  return app.withTypeProvider<TypeBoxTypeProvider>();
}
