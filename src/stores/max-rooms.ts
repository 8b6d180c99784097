/**
 * So many rooms a store keeps. Beyond that those of which only the log is left are forgotten, those first that were
 * loaded longest ago; a room in which somebody is, or to which somebody listens, is kept in any case.
 */
export const maxRooms = 10_000;
