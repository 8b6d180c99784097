/** Everything that the page says on which snippets are built. */

import { chosenOf } from './speech.ts';

const en = {
  title: 'Embed a room',
  lead: 'A room, or what is said in it, in any page: two lines of HTML.',
  kind: 'What to show',
  kinds: { room: 'The room, to talk in', feed: 'What is said, to read only' },
  room: 'Room',
  theme: 'Theme',
  themes: { auto: 'Automatic', light: 'Light', dark: 'Dark' },
  ownAccent: 'Accent of your own',
  accent: 'Accent',
  height: 'Height',
  heightHint: 'Pixels, a length of CSS, or auto: as high as what is in it',
  last: 'Messages',
  page: 'Address of your page',
  pageHint: 'Such as https://www.example.org: the server must know it',
  snippet: 'Put this into your page',
  copy: 'Copy',
  copied: 'Copied.',
  copyFailed: 'It could not be copied. Mark it and copy it by hand.',
  preview: 'How it looks',
  allowed: 'This server allows it: nothing is to be done.',
  needed: 'The server’s operator has to set this line, and start it anew:',
  noFeed: 'Feeds of this server are not public (FEED), so no other page can show one.',
};

type BuilderWords = typeof en;

const de: BuilderWords = {
  title: 'Einen Raum einbetten',
  lead: 'Ein Raum, oder was darin gesagt wird, auf jeder Seite: zwei Zeilen HTML.',
  kind: 'Was gezeigt wird',
  kinds: { room: 'Der Raum, zum Mitreden', feed: 'Was gesagt wird, nur zum Lesen' },
  room: 'Raum',
  theme: 'Aussehen',
  themes: { auto: 'Automatisch', light: 'Hell', dark: 'Dunkel' },
  ownAccent: 'Eigene Akzentfarbe',
  accent: 'Akzentfarbe',
  height: 'Höhe',
  heightHint: 'Pixel, eine Länge in CSS oder auto: so hoch wie das, was darin ist',
  last: 'Nachrichten',
  page: 'Adresse deiner Seite',
  pageHint: 'Etwa https://www.example.org: Der Server muss sie kennen',
  snippet: 'Das kommt in deine Seite',
  copy: 'Kopieren',
  copied: 'Kopiert.',
  copyFailed: 'Das ging nicht. Markiere es und kopiere es von Hand.',
  preview: 'So sieht es aus',
  allowed: 'Dieser Server erlaubt es: Es ist nichts zu tun.',
  needed: 'Wer den Server betreibt, muss diese Zeile setzen und ihn neu starten:',
  noFeed:
    'Was auf diesem Server gesagt wird, ist nicht öffentlich (FEED); keine andere Seite kann es zeigen.',
};

const all: Readonly<Record<string, BuilderWords>> = { en, de };

/** In the language of who reads it. */
export function builderWords(wanted: readonly string[]): BuilderWords & { readonly language: string } {
  const language = chosenOf(wanted, all);
  return { language, ...(all[language] ?? en) };
}
