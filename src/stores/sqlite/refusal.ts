/** Why a database file is not opened, without its name, which whoever asked for it knows by the name that was given. */

export class Obstacle extends Error {
  override readonly name = 'Obstacle';
}

export const isForeign = 'is not a database of Parlor; it was left as it is.';
