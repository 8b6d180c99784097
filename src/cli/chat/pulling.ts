/** `--pull`: the room is followed by long polls alone. */

/**
 * As if nothing on the way let a stream through: the client then polls, and its trials of the stream, which become
 * rare, are answered here.
 */
export const pullingFetch: typeof fetch = async (input, init) => {
  const isStream = /\/session\/events\?/.test(String(input));
  return isStream ? new Response('', { headers: { 'Content-Type': 'text/plain' } }) : fetch(input, init);
};
