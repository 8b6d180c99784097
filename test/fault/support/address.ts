/** Where a client finds its room: at one address, or at whichever it is given each time it asks, as by a load balancer. */

export type Address = string | (() => string);

export function addressOf(address: Address): string {
  return typeof address === 'string' ? address : address();
}
