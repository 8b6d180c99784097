/** The pages of the log before what is shown, one by one, as they are asked for. */

import type { RoomApi } from '../../client/api.ts';
import type { StayView } from './stay-view.ts';

/** How many events of the log are shown at first, and with each page before. */
export const historyPageSize = 100;

export class EarlierPages {
  readonly #api: Pick<RoomApi, 'history'>;
  readonly #view: Pick<StayView, 'earlier' | 'prepend'>;
  /** Where the log goes on before what is shown. */
  #before: string | undefined;

  constructor(api: Pick<RoomApi, 'history'>, view: Pick<StayView, 'earlier' | 'prepend'>) {
    this.#api = api;
    this.#view = view;
  }

  /** @param before the cursor at which the log goes on; undefined: it begins with what is shown */
  goOnAt(before: string | undefined): void {
    this.#before = before;
    this.#view.earlier(before === undefined ? 'beginning' : 'more');
  }

  /** Nothing leads to what was before: cursors of another epoch lead nowhere. */
  forget(): void {
    this.#before = undefined;
    this.#view.earlier('none');
  }

  async show(limit = historyPageSize): Promise<void> {
    const before = this.#before;
    if (before === undefined) return;
    this.#view.earlier('busy');
    const answer = await this.#api.history('before', before, limit);
    if (this.#before !== before) return;
    if (!answer.ok) return this.#view.earlier('failed');
    if (answer.body.lost !== undefined) return this.#view.earlier('none');
    this.#view.prepend(answer.body.events);
    this.goOnAt(answer.body.more ? answer.body.cursor : undefined);
  }
}
