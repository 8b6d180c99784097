/** ioredis, which only those install who use Redis. */

import { codeOf } from '../../core/errors.ts';
import { StoreRefusal } from '../store-refusal.ts';

/** @throws StoreRefusal if it is not installed */
export async function loadRedis(): Promise<Pick<typeof import('ioredis'), 'Redis'>> {
  try {
    return await import('ioredis');
  } catch (error) {
    if (codeOf(error) !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new StoreRefusal('redis:// needs the package ioredis: npm install ioredis@5');
  }
}
