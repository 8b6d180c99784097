/**
 * At the door: how somebody comes in who is known elsewhere, and where he becomes known. Loaded only where that is a way in:
 * it imports nothing that the page has, or that would come in one more file to all, and has words of its own.
 */

import type { Login } from '../../client/wire.ts';
import type { el as makeElement } from '../dom.ts';
import type { Asked } from './asked.ts';
import { signInAddress } from './sign-in-address.ts';

const en = {
  signIn: 'Sign in',
  signedIn: 'You are signed in, and come in under that name.',
  first: 'To come in, sign in first.',
  around: 'To come in, sign in on the page around.',
  elsewhere: 'To come in, sign in where this room belongs to, and come back.',
  certificate: 'To come in, your browser needs a certificate that this server knows.',
  refused: 'Your sign-in is not valid here, or no longer.',
};

const words: Readonly<Record<string, typeof en>> = {
  en,
  de: {
    signIn: 'Anmelden',
    signedIn: 'Du bist angemeldet und kommst unter diesem Namen herein.',
    first: 'Melde dich erst an, um einzutreten.',
    around: 'Melde dich auf der Seite ringsum an, um einzutreten.',
    elsewhere: 'Melde dich da an, wohin dieser Raum gehört, und komm wieder.',
    certificate: 'Zum Eintreten braucht dein Browser ein Zertifikat, das dieser Server kennt.',
    refused: 'Deine Anmeldung gilt hier nicht, oder nicht mehr.',
  },
};

export interface SignInParts {
  readonly el: typeof makeElement;
  /** Which of the page's languages is spoken. */
  readonly language: string;
  /** In the page of somebody else: what leads out of it, to the room in a tab of its own. */
  readonly wayOut: { readonly address: string; readonly text: string } | undefined;
}

export class SignInView {
  /** What there is to know, before the fields. */
  readonly hint: HTMLElement;
  /** Leads to where one signs in, behind the fields. */
  readonly link: HTMLAnchorElement;
  readonly #words: typeof en;
  readonly #wayOut: SignInParts['wayOut'];

  constructor({ el, language, wayOut }: SignInParts) {
    this.#words = words[language] ?? en;
    this.#wayOut = wayOut;
    this.hint = el('p', { class: 'known' });
    // Where one signs in may not be shown in a frame, and what is known there is not known in it.
    this.link = wayOut
      ? el('a', { href: wayOut.address, target: '_blank', rel: 'noopener' }, wayOut.text)
      : el('a', {}, this.#words.signIn);
  }

  /** What is said to whom it did not let in. */
  get refused(): string {
    return this.#words.refused;
  }

  show(login: Login, { name, isGiven, missing }: Asked): void {
    const hasLink = login.signIn !== undefined && !isGiven;
    this.link.hidden = !hasLink;
    this.link.className = name ? 'sign-in' : 'sign-in primary';
    if (hasLink && !this.#wayOut)
      this.link.href = signInAddress(login.signIn, location.origin + location.pathname);
    this.hint.textContent = isGiven ? this.#words.signedIn : name ? '' : this.#missing(missing, hasLink);
    this.hint.hidden = this.hint.textContent === '';
  }

  #missing(missing: Asked['missing'], hasLink: boolean): string {
    const { around, certificate, elsewhere, first } = this.#words;
    if (missing === 'certificate') return certificate;
    if (this.#wayOut) return around;
    return hasLink ? first : elsewhere;
  }
}
