/** Everything that the elements say in pages of others: little, for all of it is in their one script. */

import { chosenOf, type Speech, speechOf } from './speech.ts';

const en = ({ count }: Speech) => ({
  roomTitle: (room: string) => `Chat room ${room}`,
  roomMissing: 'The chat cannot be shown on this page.',
  roomOpen: 'Open it in a tab of its own',
  feedTitle: (room: string) => `What is said in ${room}`,
  feedEmpty: 'Nothing was said yet.',
  feedLoading: 'One moment…',
  feedAway: 'No connection. Trying again…',
  feedOver: 'What is said here cannot be followed any more.',
  says: ': ',
  gap: (lost: number | null) =>
    lost === null
      ? 'The room was restarted; what was said before is gone.'
      : `${count(lost, { one: 'event', other: 'events' })} could not be fetched.`,
});

export type EmbedWords = ReturnType<typeof en>;

const de = ({ count }: Speech): EmbedWords => ({
  roomTitle: (room: string) => `Chatraum ${room}`,
  roomMissing: 'Der Chat lässt sich auf dieser Seite nicht zeigen.',
  roomOpen: 'In einem eigenen Tab öffnen',
  feedTitle: (room: string) => `Was in ${room} gesagt wird`,
  feedEmpty: 'Noch wurde nichts gesagt.',
  feedLoading: 'Einen Moment …',
  feedAway: 'Keine Verbindung. Neuer Versuch …',
  feedOver: 'Was hier gesagt wird, lässt sich nicht mehr verfolgen.',
  says: ': ',
  gap: (lost: number | null) =>
    lost === null
      ? 'Der Raum wurde neu gestartet; was vorher gesagt wurde, ist fort.'
      : `${count(lost, { one: 'Ereignis war', other: 'Ereignisse waren' })} nicht mehr zu haben.`,
});

/** All of them are in the script: one more is some hundred bytes. */
const languages: Readonly<Record<string, (speech: Speech) => EmbedWords>> = { en, de };

/** @param wanted the page's language, and then the reader's, as BCP 47 names them */
export function embedWords(wanted: readonly string[]): EmbedWords & { readonly language: string } {
  const language = chosenOf(wanted, languages);
  return { language, ...(languages[language] ?? en)(speechOf(language)) };
}
