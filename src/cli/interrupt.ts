/** What a command still does when it is told to end. */

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Calls `clean` when the process is told to end, which it then does as if nobody had listened: whoever waits for it
 * sees the signal.
 *
 * @returns what to call once there is nothing left to clean
 */
export function beforeSignals(clean: () => void): () => void {
  const release = () => {
    for (const signal of signals) process.off(signal, onSignal);
  };
  const onSignal = (signal: NodeJS.Signals) => {
    release();
    try {
      clean();
    } finally {
      process.kill(process.pid, signal);
    }
  };
  for (const signal of signals) process.on(signal, onSignal);
  return release;
}
