/** Waits for something that announces itself by no event. */

/**
 * Looks again and again until `condition` holds.
 * @param what stands in the error if it never does
 * @param boundMs after how long to give up: far beyond what it takes, never the point of a test
 * @param stepMs between two looks: more where a look is dear
 */
export async function waitUntil(
  condition: () => boolean | Promise<boolean>,
  what: string,
  boundMs = 20_000,
  stepMs = 5,
): Promise<void> {
  const deadline = performance.now() + boundMs;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`Waited in vain until ${what}.`);
    await new Promise((resolve) => setTimeout(resolve, stepMs));
  }
}
