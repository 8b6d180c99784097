/** What stops a start because of its options. */

/** An option that cannot be used. The message is one line and safe to print: it quotes what came. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}
