import assert from 'node:assert/strict';
import diagnostics from 'node:diagnostics_channel';
import { test } from 'node:test';
import type { FastifyInstance, FastifySchemaCompiler } from 'fastify';
import { useValidation } from '../../src/http/validation.ts';
import { adminToken } from '../support/admin.ts';
import { startServer } from '../support/test-server.ts';

interface Shape {
  readonly httpPart: string;
  readonly schema: unknown;
  readonly where: string;
}

/** What each route of a server wants of requests. */
async function shapes(): Promise<readonly Shape[]> {
  const found: Shape[] = [];
  const note = (message: unknown): void => {
    (message as { fastify: FastifyInstance }).fastify.addHook('onRoute', ({ method, url, schema }) => {
      const { body, querystring, params } = schema ?? {};
      for (const [httpPart, part] of Object.entries({ body, querystring, params })) {
        if (part !== undefined) found.push({ httpPart, schema: part, where: `${method} ${url} ${httpPart}` });
      }
    });
  };
  diagnostics.subscribe('fastify.initialization', note);
  const { close } = await startServer({ ADMIN_TOKEN: adminToken }).finally(() =>
    diagnostics.unsubscribe('fastify.initialization', note),
  );
  await close();
  return found;
}

test('whatever a route wants of requests can be checked: that is seen here, since a server finds out when it is asked', async () => {
  let compiler: FastifySchemaCompiler<unknown> | undefined;
  useValidation({
    setSerializerCompiler: () => {},
    setValidatorCompiler(given: FastifySchemaCompiler<unknown>) {
      compiler = given;
    },
  } as unknown as FastifyInstance);
  const all = await shapes();
  assert.ok(all.length > 50, `${all.length} were found`);
  for (const { httpPart, schema, where } of all) {
    const validate = compiler?.({ schema, httpPart, method: '', url: '' });
    assert.doesNotThrow(() => validate?.({}), where);
  }
});
