/**
 * A random UUID (RFC 9562 §5.4: version 4, variant 10). `crypto.randomUUID` exists only where the page came over
 * HTTPS or from localhost, and a room on a plain local network must work too.
 */
export function randomId(): string {
  return '00000000-0000-4000-8000-000000000000'.replace(/0/g, () => {
    const [byte = 0] = crypto.getRandomValues(new Uint8Array(1));
    return (byte % 16).toString(16);
  });
}
