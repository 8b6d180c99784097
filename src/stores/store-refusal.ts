/** Why a store is not opened, in one line for whoever starts the server. */

export class StoreRefusal extends Error {
  override readonly name = 'StoreRefusal';
}
