/** Text and caret of a field, read and written as if typed. */

import type { Written } from './completion.ts';

/** Undefined if more than a caret stands in it. */
export function readField(field: HTMLTextAreaElement): Written | undefined {
  const { value, selectionStart, selectionEnd } = field;
  return selectionStart === selectionEnd ? { text: value, caret: selectionStart } : undefined;
}

/** Tells `input`, as typing does. */
export function writeField(field: HTMLTextAreaElement, { text, caret }: Written): void {
  field.focus();
  field.select();
  // Old, and still the only way that undoing it works afterwards. Without the focus it would write elsewhere.
  if (field === document.activeElement) {
    document.execCommand(text === '' ? 'delete' : 'insertText', false, text);
  }
  if (field.value !== text) {
    field.value = text;
    field.dispatchEvent(new Event('input', { bubbles: true }));
  }
  field.setSelectionRange(caret, caret);
}
