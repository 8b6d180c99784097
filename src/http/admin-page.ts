/** The page of the operator. There is nothing secret in it: what it shows it asks for with the ADMIN_TOKEN. */

import type { FastifyInstance } from 'fastify';

interface AdminPageOptions {
  readonly page: string;
  /** The policy of pages, but for what is given. */
  readonly policyOf: (own: AdminPolicy) => string;
}

interface AdminPolicy {
  readonly formAction?: readonly string[];
  readonly manifestSrc?: readonly string[];
  readonly requireTrustedTypesFor?: readonly string[];
  readonly trustedTypes?: readonly string[];
}

export async function adminPage(app: FastifyInstance, { page, policyOf }: AdminPageOptions): Promise<void> {
  const policy = policyOf({
    // Its forms are sent by nobody: a browser would put the token into an address.
    formAction: ["'none'"],
    manifestSrc: ["'none'"],
    // No text becomes markup here, not even by mistake [P-5].
    requireTrustedTypesFor: ["'script'"],
    trustedTypes: ["'none'"],
  });
  for (const url of ['/admin', '/admin/']) {
    app.get(url, (_request, reply) =>
      reply
        .header('content-security-policy', policy)
        .header('cache-control', 'no-store')
        .header('referrer-policy', 'no-referrer')
        .type('text/html; charset=utf-8')
        .send(page),
    );
  }
}
