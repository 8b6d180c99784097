/** The languages in which to speak at an element: that of the text around it, then those of its reader. */
export function languagesAt(element: Element): readonly string[] {
  return [element.closest('[lang]')?.getAttribute('lang') ?? '', ...navigator.languages];
}
