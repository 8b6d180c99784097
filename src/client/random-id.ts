/**
 * A random UUID (RFC 9562 §5.4: version 4, variant 10). `crypto.randomUUID` exists only where the page came over
 * HTTPS or from localhost, and a room on a plain local network must work too.
 */
export function randomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4}).(.{3}).(.{3})/, '$1-$2-4$3-8$4-');
}
