/** At the door: how somebody comes in who is known elsewhere, and where he becomes known. */

import type { Login } from '../../client/wire.ts';
import { el, isFramed } from '../dom.ts';
import { strings } from '../text/strings.ts';
import { type Asked, signInAddress } from './asked.ts';

export class SignInView {
  /** What there is to know, before the fields. */
  readonly hint = el('p', { class: 'hint' });
  /** Leads to where one signs in, behind the fields. */
  readonly link = el('a', {});
  readonly #room: string;

  constructor(room: string) {
    this.#room = room;
    this.show(undefined, { name: true, password: 'later', isGiven: false, missing: undefined });
  }

  show(login: Login | undefined, { name, isGiven, missing }: Asked): void {
    const isAround = isFramed();
    const address = login && signInAddress(login, location.origin + location.pathname);
    const hasLink = address !== undefined && !isGiven;
    this.link.hidden = !hasLink;
    this.link.className = name ? 'sign-in' : 'sign-in primary';
    if (hasLink) this.link.href = isAround ? `/${this.#room}` : address;
    // Where one signs in may not be shown in a frame, and what is known there is not known in it.
    this.link.target = isAround ? '_blank' : '';
    this.link.textContent = isAround ? strings.openInTab : strings.signIn;
    this.hint.textContent = isGiven
      ? strings.signedIn
      : name || missing === undefined
        ? ''
        : missing === 'certificate'
          ? strings.certificateMissing
          : isAround
            ? strings.signInAround
            : hasLink
              ? strings.signInFirst
              : strings.signInElsewhere;
    this.hint.hidden = this.hint.textContent === '';
  }
}
