/** Which word somebody meant. */

/** The known word that is at most two edits away from what was written, or undefined. */
export function closest(written: string, known: readonly string[]): string | undefined {
  const meant = written.toUpperCase();
  let best: string | undefined;
  // A short word is soon two edits away from anything.
  let bestDistance = written.length <= 5 ? 2 : 3;
  for (const word of known) {
    // No edit changes the length by more than one, and an environment may have hundreds of names.
    if (Math.abs(meant.length - word.length) >= bestDistance) continue;
    const distance = editDistance(meant, word);
    if (distance < bestDistance) [best, bestDistance] = [word, distance];
  }
  return best;
}

/** How many letters must be put in, left out, replaced or swapped with their neighbour. */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const isSame = a[i - 1] === b[j - 1];
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row[j] = Math.min(
        at(row, j - 1) + 1,
        at(last, j) + 1,
        at(last, j - 1) + (isSame ? 0 : 1),
        isSwap ? at(beforeLast, j - 2) + 1 : Number.POSITIVE_INFINITY,
      );
    }
    [beforeLast, last] = [last, row];
  }
  return at(last, b.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Number.POSITIVE_INFINITY;
}
