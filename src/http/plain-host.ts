/** A host as clients name it: fit to be written into an address, and to be pasted into a shell. */

const plainHost = /^[A-Za-z0-9.:[\]-]+$/;

/** Whether it is one; the header may have anything in it, or be missing. */
export function isPlainHost(host: string): boolean {
  return plainHost.test(host);
}
