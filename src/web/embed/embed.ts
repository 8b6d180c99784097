/**
 * The script for pages of others: `<script type="module" src="https://chat.example/embed.js"></script>`. It defines the
 * elements `parlor-room` and `parlor-feed`, and knows by its own address where the chat is.
 */

import { FeedElement } from './feed-element.ts';
import { RoomElement } from './room-element.ts';

// A page may load it twice.
for (const [name, element] of [
  ['parlor-room', RoomElement],
  ['parlor-feed', FeedElement],
] as const) {
  if (!customElements.get(name)) customElements.define(name, element);
}
