/** What the tabs of this browser share a connection with. */

import type { LinkFactory } from '../../client/link.ts';
import type { SessionInfo } from '../../client/wire.ts';
import { channelTurn } from './channel-turn.ts';
import { TabLink } from './tab-link.ts';
import type { OpenChannel } from './talk.ts';
import { lockTurn } from './turn.ts';

/**
 * Undefined where tabs cannot speak to each other: each has a connection of its own.
 *
 * @param session the session that this tab is in; undefined outside
 */
export function browserTabs(session: () => SessionInfo | undefined): LinkFactory | undefined {
  if (!('BroadcastChannel' in globalThis)) return undefined;
  // Only on pages that came over HTTPS or from localhost.
  const locks = 'locks' in navigator ? navigator.locks : undefined;
  return (...link) =>
    new TabLink(
      {
        session,
        page: globalThis,
        openChannel,
        openTurn: (name, schedule, events) =>
          locks === undefined
            ? channelTurn((hear) => openChannel(`${name}:turn`, hear), schedule, events)
            : lockTurn({ request: (...lock) => locks.request(...lock) }, name, events),
      },
      ...link,
    );
}

const openChannel: OpenChannel = <T>(name: string, hear: (message: T) => void) => {
  const channel = new BroadcastChannel(name);
  let isOpen = true;
  channel.addEventListener('message', ({ data }) => {
    if (isOpen) hear(data);
  });
  return {
    post: (message) => {
      if (isOpen) channel.postMessage(message);
    },
    close: () => {
      isOpen = false;
      channel.close();
    },
  };
};
