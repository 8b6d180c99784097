/** How an answer may be compressed. */

import type { FastifyRequest } from 'fastify';

export type Encoding = 'br' | 'gzip' | 'plain';

/** The best that whoever asks understands. */
export function encodingFor({ headers }: Pick<FastifyRequest, 'headers'>): Encoding {
  const accepted = (headers['accept-encoding'] ?? '').toLowerCase().split(',').map(wanted);
  return (['br', 'gzip'] as const).find((encoding) => accepted.includes(encoding)) ?? 'plain';
}

/** The name of one, unless its weight is 0: then it is refused. */
function wanted(part: string): string {
  const [name = '', ...parameters] = part.split(';').map((word) => word.trim());
  return parameters.some((parameter) => /^q=0(?:\.0*)?$/.test(parameter)) ? '' : name;
}
