/** What a check found. */

export type Level = 'ok' | 'warning' | 'problem' | 'untried';

export interface Finding {
  /** What was looked at. */
  readonly check: string;
  readonly level: Level;
  /** One sentence: what was seen. Others' text in it is made harmless where it is printed [P-5]. */
  readonly seen: string;
  /** One sentence: what to do; where there is nothing to do it is missing. */
  readonly advice?: string;
}

/** Makes the findings of one check. */
export function findingsOf(check: string) {
  const make = (level: Level) => (seen: string, advice?: string) =>
    ({ check, level, seen, ...(advice !== undefined && { advice }) }) satisfies Finding;
  return { ok: make('ok'), warning: make('warning'), problem: make('problem'), untried: make('untried') };
}

const maxSaid = 160;

/** What somebody said, in quotes; it is made harmless with the sentence around it. What is no text stands as JSON. */
export function said(words: unknown): string {
  const text = typeof words === 'string' ? words : (JSON.stringify(words) ?? 'nothing');
  return `"${text.length > maxSaid ? `${text.slice(0, maxSaid)}…` : text}"`;
}
