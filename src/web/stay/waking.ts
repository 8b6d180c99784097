/** What the browser says of being back and of being cut off. */

const lookMs = 3000;
/** A timer that is so much late has slept with the computer: no event tells of that. */
const sleptMs = 10_000;

/** Tells when somebody is back: from sleep, from another tab, from a dead network. */
export function onWaking(wake: () => void): void {
  addEventListener('online', wake);
  addEventListener('pageshow', ({ persisted }) => {
    if (persisted) wake();
  });
  document.addEventListener('resume', wake);
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') wake();
  });
  let last = Date.now();
  setInterval(() => {
    const now = Date.now();
    if (now - last > lookMs + sleptMs && document.visibilityState === 'visible') wake();
    last = now;
  }, lookMs);
}

/**
 * Tells whether there is a network, as far as the browser knows. Without one a server on the same machine, say, may still
 * answer.
 *
 * @param reaches whether the server answers
 */
export function onNetwork(reaches: () => Promise<boolean>, tell: (isThere: boolean) => void): void {
  const look = async () => {
    tell(navigator.onLine);
    if (!navigator.onLine && (await reaches())) tell(true);
  };
  addEventListener('online', look);
  addEventListener('offline', look);
  void look();
}
