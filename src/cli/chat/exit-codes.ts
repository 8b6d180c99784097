/** How `parlor chat` and `parlor tail` end, beside 0, 1 and 2; the help and docs/terminal.md have them too. */

/** Nobody answers at the address, or nobody who is a Parlor. */
export const notReached = 3;
/** The server does not let one in: the name, the password, the room. */
export const notLetIn = 4;
/** The server has ended the stay. */
export const shownOut = 5;
