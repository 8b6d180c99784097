/** Where the chat is: the script that a page has loaded comes from there. */
export const chatOrigin = new URL(import.meta.url).origin;
