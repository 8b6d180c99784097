/** Whom one may want to name, the likeliest first. */

import { byName } from '../names.ts';

/** Of more speakers than this, those who spoke longest ago are forgotten. */
const maxSpeakers = 500;

export class Speakers {
  /** Who spoke, the last one last. */
  readonly #spoke = new Set<string>();

  said(name: string): void {
    this.#spoke.delete(name);
    this.#spoke.add(name);
    const [oldest] = this.#spoke;
    if (oldest !== undefined && this.#spoke.size > maxSpeakers) this.#spoke.delete(oldest);
  }

  /** Those here who spoke last, the others here by name, those who spoke and are gone, and oneself. */
  order(roster: readonly string[], ownName: string): string[] {
    const here = new Set(roster);
    const spoke = [...this.#spoke].reverse().filter((name) => name !== ownName);
    const silent = roster.filter((name) => name !== ownName && !this.#spoke.has(name)).sort(byName);
    return [
      ...spoke.filter((name) => here.has(name)),
      ...silent,
      ...spoke.filter((name) => !here.has(name)),
      ownName,
    ];
  }
}
