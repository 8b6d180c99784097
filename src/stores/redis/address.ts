/** Where a Redis is, and how what Parlor keeps there is called. */

import type { RedisOptions } from 'ioredis';

export interface RedisAddress {
  readonly connection: Pick<RedisOptions, 'host' | 'port' | 'username' | 'password' | 'db' | 'tls' | 'path'>;
  /** What every key begins with. */
  readonly prefix: string;
}
