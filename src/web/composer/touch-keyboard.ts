/**
 * Keeps the composer in sight where the keyboard on the screen is laid over the page, as iOS does; elsewhere
 * `interactive-widget=resizes-content` makes the page smaller, and nothing is to be done.
 */

/** What covers less is no keyboard: bars of the browser come and go. */
const leastKeyboardPx = 120;

/** Tells the style, by `--visible-height`, how much of the page is seen while a keyboard covers the rest. */
export function mindTouchKeyboard(viewport: VisualViewport | null): void {
  const root = document.documentElement;
  const fit = () => {
    if (viewport === null) return;
    // Zoomed in, one sees less for another reason.
    const isCovered = viewport.scale === 1 && root.clientHeight - viewport.height > leastKeyboardPx;
    if (!isCovered) return void root.style.removeProperty('--visible-height');
    root.style.setProperty('--visible-height', `${viewport.height}px`);
    // It has been pushed up to show the field, which is in sight now.
    if (viewport.offsetTop > 0) scrollTo(0, 0);
  };
  viewport?.addEventListener('resize', fit);
  viewport?.addEventListener('scroll', fit);
}
