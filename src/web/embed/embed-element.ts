/** What both elements have in common: a style of their own that the page's CSS wins over, and a height by attribute. */

import { watchLook } from './wished-look.ts';

const commonStyle = `
:host {
  display: block;
  box-sizing: border-box;
  inline-size: 100%;
}
:host([hidden]) {
  display: none;
}
`;

export abstract class EmbedElement extends HTMLElement {
  /** With these it begins anew; of all others `watchLook` tells. */
  static observedAttributes = ['room', 'last'];

  protected readonly root = this.attachShadow({ mode: 'open' });
  /** Of this one element alone; `:host` in it. */
  protected readonly own: CSSStyleDeclaration;
  #unwatch: (() => void) | undefined;

  constructor(css: string) {
    super();
    const own = sheetOf(':host {}');
    this.root.adoptedStyleSheets = [sheetOf(commonStyle + css), own];
    this.own = (own.cssRules[0] as CSSStyleRule).style;
  }

  /** Begins anew: in the page, or with another room. */
  protected abstract begin(): void;
  protected abstract end(): void;
  /** Something that concerns the look may have changed. */
  protected abstract dress(): void;

  connectedCallback(): void {
    this.#unwatch = watchLook(this, () => this.dress());
    this.begin();
    this.dress();
  }

  disconnectedCallback(): void {
    this.#unwatch?.();
    this.#unwatch = undefined;
    this.end();
  }

  attributeChangedCallback(_name: string, before: string | null, now: string | null): void {
    // Of attributes that are there from the beginning it is told before the element is.
    if (before === now || this.#unwatch === undefined) return;
    this.end();
    this.begin();
    this.dress();
  }

  protected text(attribute: string): string {
    return this.getAttribute(attribute) ?? '';
  }

  /** @param content how high it is with `height="auto"`; `auto` if CSS knows */
  protected fit(content: string): void {
    const height = this.text('height');
    const isAuto = height === 'auto';
    // What is no height would leave the one before.
    this.own.cssText = '';
    this.own.setProperty('block-size', isAuto ? content : Number(height) ? `${height}px` : height);
    this.own.setProperty('max-block-size', isAuto ? 'var(--parlor-max-height, 36rem)' : '');
  }
}

/** Made by script: the page around may forbid inline styles. */
function sheetOf(css: string): CSSStyleSheet {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  return sheet;
}
