/** Fastify with types from TypeBox schemas. */

import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';

declare module 'fastify' {
  interface FastifySchema {
    /** The name of the operation in the API's documents. */
    operationId?: string;
    summary?: string;
    produces?: readonly string[];
  }
}

export type TypedApp = ReturnType<typeof withTypes>;

function withTypes(app: FastifyInstance) {
  return app.withTypeProvider<TypeBoxTypeProvider>();
}
