/** Whether a Redis throws away what it was given, when its memory is full: a room's names, its sessions or what was said in it. */

/**
 * @param info what it answers to `INFO memory`: `CONFIG GET` is forbidden to many
 * @returns a line for whoever runs it; undefined if it keeps all, or does not say
 */
export function forgetting(info: string): string | undefined {
  const [policy, limit] = ['maxmemory_policy', 'maxmemory'].map(
    (name) => new RegExp(`^${name}:(\\S+)`, 'm').exec(info)?.[1],
  );
  // Without a limit it is never full.
  if (policy === undefined || policy === 'noeviction' || Number(limit ?? 0) === 0) return undefined;
  return `STORE_URL: this Redis throws keys away when its memory is full (maxmemory-policy ${policy}), and rooms with them: set maxmemory-policy noeviction.`;
}
