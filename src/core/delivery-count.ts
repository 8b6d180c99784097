/** How many events were given to clients, by streams and by polls: one number that all add to, and whoever plots reads. */
export interface DeliveryCount {
  events: number;
}
