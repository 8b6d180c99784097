/** What a browser needs to know to install the page of a room: each room is an app of its own. */

const icon = (file: string, sizes: string, purpose = 'any') => ({
  src: `/static/${file}`,
  sizes,
  type: file.endsWith('.svg') ? 'image/svg+xml' : 'image/png',
  purpose,
});

/** The manifest of a room, as the W3C's Web Application Manifest has it. */
export function manifestOf(room: string) {
  return {
    id: `/${room}`,
    start_url: `/${room}`,
    scope: '/',
    name: `${room} · Parlor`,
    short_name: room,
    description: `The room ${room}: join with a name and talk.`,
    display: 'standalone',
    // As the page's style has them by day; by night the page itself says its own.
    background_color: '#f7f3ec',
    theme_color: '#f7f3ec',
    icons: [
      icon('icon-192.png', '192x192'),
      icon('icon-512.png', '512x512'),
      icon('maskable-192.png', '192x192', 'maskable'),
      icon('maskable-512.png', '512x512', 'maskable'),
      icon('icon.svg', 'any'),
    ],
  };
}
