/** Ends cleanly on a signal, also where that takes a moment. */

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * On the first signal calls `clean`, and then ends the process as if nobody had listened: whoever waits for it sees the
 * signal. A second one does not wait.
 *
 * @returns what to call once there is nothing left to clean
 */
export function beforeSignalsAsync(clean: () => Promise<void>): () => void {
  const release = () => {
    for (const signal of signals) process.off(signal, onSignal);
  };
  const onSignal = async (signal: NodeJS.Signals) => {
    release();
    try {
      await clean();
    } finally {
      process.kill(process.pid, signal);
    }
  };
  for (const signal of signals) process.on(signal, onSignal);
  return release;
}
