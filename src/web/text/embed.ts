/** Everything that the elements say in pages of others: little, for all of it is in their one script. */

import { chosenOf } from './speech.ts';

/** No number stands before its word: what it takes to tell one from many would be more than all these. */
const en = {
  roomTitle: (room: string) => `Chat room ${room}`,
  roomMissing: 'The chat cannot be shown on this page.',
  roomOpen: 'Open it in a tab',
  feedTitle: (room: string) => `What is said in ${room}`,
  /** What a feed says of itself, by its state. */
  empty: 'Nothing was said yet.',
  loading: 'One moment…',
  live: '',
  away: 'No connection. Trying again…',
  over: 'The feed has ended.',
  says: ': ',
  announcement: 'Announcement',
  removed: 'Message removed',
  gap: (lost: number | null) =>
    lost === null ? 'What was said before is gone.' : `Events missing here: ${lost}`,
};

export type EmbedWords = typeof en;

const de: EmbedWords = {
  roomTitle: (room: string) => `Chatraum ${room}`,
  roomMissing: 'Der Chat lässt sich hier nicht zeigen.',
  roomOpen: 'In einem Tab öffnen',
  feedTitle: (room: string) => `Was in ${room} gesagt wird`,
  empty: 'Noch wurde nichts gesagt.',
  loading: 'Einen Moment …',
  live: '',
  away: 'Keine Verbindung. Neuer Versuch …',
  over: 'Hier kommt nichts mehr.',
  says: ': ',
  announcement: 'Ansage',
  removed: 'Nachricht entfernt',
  gap: (lost: number | null) =>
    lost === null ? 'Was vorher gesagt wurde, ist fort.' : `Fehlende Ereignisse: ${lost}`,
};

/** All of them are in the script: one more is some hundred bytes. */
const languages: Readonly<Record<string, EmbedWords>> = { en, de };

/** @param wanted the page's language, and then the reader's, as BCP 47 names them */
export function embedWords(wanted: readonly string[]): EmbedWords & { readonly language: string } {
  const language = chosenOf(wanted, languages);
  return { language, ...(languages[language] ?? en) };
}
