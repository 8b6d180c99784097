/** Asks once before something is done: says what it will do, does it, and tells how that went. */

import { ProblemError } from '../../client/problem.ts';
import { el } from '../dom.ts';
import { words } from '../text/admin.ts';
import { button, freshId } from './parts.ts';

export interface Act {
  readonly title: string;
  /** What it will do. */
  readonly says: string;
  /** What more is to be said or chosen. */
  readonly fields?: readonly HTMLElement[];
  /** On the button. */
  readonly confirm: string;
  readonly isDire?: boolean;
  /** What is wrong with what the fields have; nothing is asked of the server then. */
  wrong?(): string;
  /** @throws ProblemError */
  act(): Promise<void>;
  /** What is said when it is done. */
  readonly done: string | (() => string);
}

/** Tells what was done, where it is heard too. */
export type Report = (text: string) => void;

export function askToAct(act: Act, report: Report): void {
  const titleId = freshId('act');
  const error = el('p', { class: 'error', role: 'alert' });
  const confirm = el(
    'button',
    { type: 'submit', class: act.isDire ? 'primary dire' : 'primary' },
    act.confirm,
  );
  const dialog = el('dialog', { 'aria-labelledby': titleId, 'aria-describedby': `${titleId}-says` });
  const form = el(
    'form',
    { novalidate: '' },
    el('h2', { id: titleId }, act.title),
    el('p', { id: `${titleId}-says` }, act.says),
    ...(act.fields ?? []),
    error,
    el(
      'div',
      { class: 'row end' },
      button(words.cancel, () => dialog.close()),
      confirm,
    ),
  );
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void run();
  });
  // What is typed is not lost by a click beside it.
  show(dialog, form);

  async function run(): Promise<void> {
    // A second click would do it twice.
    if (confirm.getAttribute('aria-disabled') === 'true') return;
    const wrong = act.wrong?.() ?? '';
    error.textContent = wrong;
    if (wrong !== '') return;
    confirm.setAttribute('aria-disabled', 'true');
    confirm.textContent = words.busy;
    try {
      await act.act();
      dialog.close();
      report(typeof act.done === 'string' ? act.done : act.done());
    } catch (thrown) {
      if (!(thrown instanceof ProblemError)) throw thrown;
      error.textContent = problemText(thrown);
    } finally {
      confirm.removeAttribute('aria-disabled');
      confirm.textContent = act.confirm;
    }
  }
}

/** Over all else, until it is closed; the focus then goes back to where it was. */
export function show(dialog: HTMLDialogElement, ...content: readonly HTMLElement[]): void {
  dialog.append(...content);
  document.body.append(dialog);
  dialog.addEventListener('close', () => dialog.remove());
  dialog.showModal();
}

function problemText({ problem }: ProblemError): string {
  return problem.code === 'unreachable' ? words.unreachable : problem.detail;
}
