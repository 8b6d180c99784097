/** Hooks of an application with some of our own around them. */

import type { WatchedHooks } from './hooks.ts';

/**
 * @param own take the places of those that are given; they call them in turn
 * @returns all of them, the others called on the object that they came in: it may be of a class with private fields
 */
export function extendedHooks(hooks: WatchedHooks, own: WatchedHooks): WatchedHooks {
  return {
    onSessionCreated: (...told) => hooks.onSessionCreated?.(...told),
    onSessionDestroyed: (...told) => hooks.onSessionDestroyed?.(...told),
    onUserRenewed: (...told) => hooks.onUserRenewed?.(...told),
    // Those that decide are there only if somebody is: nobody waits for who is not asked.
    ...(hooks.authorize && { authorize: (...asked) => hooks.authorize?.(...asked) ?? false }),
    ...(hooks.validateName && { validateName: (...asked) => hooks.validateName?.(...asked) }),
    ...(hooks.validateMessage && { validateMessage: (...asked) => hooks.validateMessage?.(...asked) }),
    ...own,
  };
}
