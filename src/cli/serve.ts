/** `parlor serve`: the server, as `npm start` runs it. */

export async function serve(): Promise<void> {
  // It runs from here on by itself, and sets the exit code.
  await import('../server.ts');
}
