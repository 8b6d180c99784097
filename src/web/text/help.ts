/** What the help says: loaded only where it is asked for, so it imports nothing that the page has. */

interface HelpWords {
  readonly commands: readonly (readonly [string, string])[];
  readonly keys: readonly (readonly [string, string])[];
}

const en: HelpWords = {
  commands: [
    ['/me waves', 'Says what you do'],
    ['/leave', 'Leaves the room'],
    ['/help', 'Shows this'],
    ['//word', 'Says a text that begins with a slash: /word'],
  ],
  keys: [
    ['Enter', 'Sends'],
    ['Shift+Enter', 'Begins a new line'],
    ['Tab', 'Completes a name that you began, or after @; again: the next name; with Shift: the one before'],
    ['Esc', 'Takes the completion back; Tab then leaves the field'],
    ['↑ ↓', 'In the empty field: what you said before. In the list of names: goes through it'],
    [
      'Enter or click',
      'On a name in the list: puts it into your message. On the time of a message: copies its link',
    ],
  ],
};

const de: HelpWords = {
  commands: [
    ['/me winkt', 'Sagt, was du tust'],
    ['/leave', 'Verlässt den Raum'],
    ['/help', 'Zeigt dies'],
    ['//wort', 'Sagt einen Text, der mit einem Schrägstrich beginnt: /wort'],
  ],
  keys: [
    ['Enter', 'Sendet'],
    ['Umschalt+Enter', 'Beginnt eine neue Zeile'],
    [
      'Tab',
      'Ergänzt einen begonnenen Namen, auch nach @; noch einmal: den nächsten; mit Umschalt: den vorigen',
    ],
    ['Esc', 'Nimmt die Ergänzung zurück; danach verlässt Tab das Feld'],
    ['↑ ↓', 'Im leeren Feld: was du früher gesagt hast. In der Liste der Namen: geht sie durch'],
    [
      'Enter oder Klick',
      'Auf einem Namen der Liste: setzt ihn in deine Nachricht. Auf der Zeit einer Nachricht: kopiert ihren Link',
    ],
  ],
};

const languages: Readonly<Record<string, HelpWords>> = { en, de };

/** @param language one of the page's */
export function helpWords(language: string): HelpWords {
  return languages[language] ?? en;
}
