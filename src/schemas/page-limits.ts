/** How much is given at once, of events as of what is listed. Apart from the schemas, for clients of ours that need no more. */

export const defaultPageLimit = 200;
export const maxPageLimit = 1000;
