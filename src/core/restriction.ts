/**
 * What an operator has laid down: who may not come in, and which rooms are closed; and the part of the store port that
 * keeps it. One shape for all of it, found by its id alone, so that one table, or one hash and one channel, are enough.
 */

/** How many there are at most: bans and closed rooms together. */
export const maxRestrictions = 10_000;

export const banKinds = ['user', 'name', 'address'] as const;
export type BanKind = (typeof banKinds)[number];

export interface RestrictionDraft {
  /** The same for the same kind, value and room: who is banned again is banned anew, not twice. */
  readonly id: string;
  /** `room`: the room is closed. */
  readonly kind: BanKind | 'room';
  /** A user's id, a name as it was given, a range of addresses as `rangeText` has it, or the room's name. */
  readonly value: string;
  /** Null: in all rooms. */
  readonly room: string | null;
  readonly reason: string | null;
}

/** Both times are of the store's clock, in wall milliseconds. */
export interface Restriction extends RestrictionDraft {
  readonly createdAt: number;
  /** Null: until it is lifted. */
  readonly until: number | null;
}

/** A restriction that keeps somebody out, as operators and applications see it. */
export interface Ban extends Restriction {
  readonly kind: BanKind;
}

/** Called in the order of commits, whoever committed; must not throw. */
export interface RestrictionListener {
  /** All there are: first of all, and again whenever the store cannot tell what has changed meanwhile. */
  all(restrictions: readonly Restriction[]): void;
  /** A new one, or one that replaces the one of the same id. */
  put(restriction: Restriction): void;
  /** It was lifted, or its time is over. */
  removed(id: string): void;
}

/** Part of `Store`; operations resolve after their commit, and after the listener was told. */
export interface RestrictionStore {
  /** Tells `listener` what there is, and then what changes. Resolves, after the first telling, with what ends that. */
  watchRestrictions(listener: RestrictionListener): Promise<() => void>;

  /**
   * Keeps a restriction, in the place of the one of the same id if there is one.
   * @param forMs how long from now; null: until it is removed
   * @returns null if there are `maxRestrictions` others
   */
  putRestriction(draft: RestrictionDraft, forMs: number | null): Promise<Restriction | null>;

  /** False if there is none of this id. */
  removeRestriction(id: string): Promise<boolean>;
}

/** Whether a text names a kind of ban. */
export function isBanKind(text: string): text is BanKind {
  return banKinds.some((kind) => kind === text);
}
