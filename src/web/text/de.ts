/** Everything the page says, in German. */

import type { Strings } from './en.ts';
import type { Speech } from './speech.ts';

export const de = ({ count, number }: Speech): Strings => ({
  product: 'Parlor',
  title: (room) => `${room} · Parlor`,

  loading: 'Einen Moment …',
  loadingOffline: 'Der Raum ist nicht erreichbar.',
  noSuchRoom: (room) => `Einen Raum namens „${room}“ gibt es nicht.`,
  noSuchRoomHint: 'Vielleicht heißt er anders, oder es gibt ihn nicht mehr.',
  toFirstRoom: 'Zum ersten Raum',

  joinHere: (members) =>
    members === 0
      ? 'Noch ist niemand hier.'
      : `${count(members, { one: 'Person ist', other: 'Personen sind' })} hier.`,
  andMore: (n) => `und ${number(n)} mehr`,
  saidLast: 'Zuletzt gesagt',
  joinName: 'Dein Name',
  joinPassword: 'Passwort',
  passwordNeeded: 'Dieser Raum verlangt ein Passwort.',
  passwordMissing: 'Gib das Passwort ein.',
  joinSubmit: 'Den Raum betreten',
  joinBusy: 'Einen Moment …',
  nameMissing: 'Gib einen Namen ein, unter dem du eintrittst.',
  cookiesNeeded:
    'Der Raum hat dich eingelassen, aber dein Browser hat das Cookie nicht behalten. Erlaube Cookies für diese Seite und tritt noch einmal ein.',
  joinOnceMore: 'Dein Aufenthalt im Raum ist zu Ende. Tritt noch einmal ein, um fortzufahren.',

  conversation: 'Gespräch',
  messages: 'Nachrichten',
  earlier: 'Frühere Nachrichten zeigen',
  earlierBusy: 'Wird geladen …',
  earlierFailed: 'Frühere Nachrichten ließen sich nicht laden. Noch einmal versuchen',
  beginning: 'Hier beginnt das Protokoll des Raums.',
  newMessages: (n, mentions) => {
    if (n === 0) return 'Zur neuesten Nachricht';
    const naming = count(mentions, { one: 'erwähnt dich', other: 'erwähnen dich' });
    return mentions === 0 ? `${number(n)} neu` : `${number(n)} neu, ${naming}`;
  },
  unread: 'Neu',
  mentionsYou: ' (erwähnt dich)',
  showAll: 'Alles zeigen',
  showLess: 'Weniger zeigen',
  linkCopied: 'Der Link zur Nachricht ist kopiert.',
  linkSeeking: 'Die Nachricht wird gesucht …',
  linkFailed: 'Die Nachricht ließ sich nicht laden.',
  linkGone: 'Diese Nachricht ist nicht mehr aufbewahrt.',
  joined: ' ist gekommen',
  left: ' ist gegangen',
  you: 'du',
  says: ': ',
  announcement: 'Ansage',
  removed: 'Nachricht entfernt',
  gap: (lost) =>
    lost === null
      ? 'Der Raum wurde neu gestartet; was vorher gesagt wurde, ist fort.'
      : `${count(lost, { one: 'Ereignis ließ', other: 'Ereignisse ließen' })} sich nicht nachholen.`,
  healed: (n) =>
    `${count(n, { one: 'Ereignis fehlte hier und musste', other: 'Ereignisse fehlten hier und mussten' })} nachgeholt werden.`,

  roster: 'Jetzt hier',
  rosterCount: (n) => `${number(n)} hier`,
  rosterOpen: (n) => `${number(n)} hier: zeigen, wer`,
  rosterClose: 'Schließen',
  rosterAll: (n) => number(n),
  rosterOf: (found, n) => `${number(found)} von ${number(n)}`,
  rosterFilter: 'Einen Namen suchen',
  rosterNobody: 'Niemand heißt so.',
  newHere: 'neu',

  compose: 'Nachricht',
  composeHint: 'Deine Nachricht',
  send: 'Senden',
  completed: (name, position, n) => (n === 1 ? name : `${name}, ${number(position)} von ${number(n)}`),
  completionTakenBack: 'Ergänzung zurückgenommen',
  roomLeft: ({ characters, isExact }) => `Noch ${isExact ? '' : 'etwa '}${number(characters)} Zeichen Platz`,
  tooLong: (n) => `${number(n)} Zeichen zu lang`,
  notSentTooLong: (n) =>
    `Nicht gesendet: ${number(n)} Zeichen zu lang. Kürze die Nachricht, oder mach zwei daraus.`,
  controlsLeftOut: 'Steuerzeichen können nicht gesendet werden und wurden weggelassen.',
  characterRefused: (code) =>
    `Nicht gesendet: Das markierte Zeichen (${code}) kann nicht gesendet werden. Lösche es.`,
  commandUnknown: (command) =>
    `Nicht gesendet: Den Befehl ${command} gibt es nicht. Um das zu sagen, schreib /${command}. /help zeigt, was es gibt.`,
  commandAlone: (command) =>
    `Nicht ausgeführt: ${command} steht allein. Um das zu sagen, schreib /${command}.`,
  nothingDone: 'Nicht gesendet: Sag dahinter, was du tust, zum Beispiel: /me winkt',

  help: 'Hilfe: Befehle und Tasten',
  helpClose: 'Schließen',
  helpCommands: 'Befehle',
  helpKeys: 'Tasten',
  sending: 'Wird gesendet …',
  sentLater: 'Wird gesendet, wenn die Verbindung wieder da ist.',
  sendAgain: 'Noch einmal senden',
  discard: 'Verwerfen',
  notSent: 'Nicht gesendet.',
  maybeSent: 'Die Verbindung brach beim Senden ab. Vielleicht ist die Nachricht angekommen.',
  outboxFull:
    'Zu viele Nachrichten warten darauf, gesendet zu werden. Warte, bis die Verbindung wieder da ist.',

  leave: 'Verlassen',
  openInTab: 'In einem eigenen Tab öffnen',
  leaveFailed: (detail) => `Du bist noch im Raum. ${detail}`,

  states: {
    connecting: 'Verbindet …',
    live: 'Live',
    polling: 'Fragt nach',
    offline: 'Offline',
  },
  stateHints: {
    connecting: '',
    live: 'Nachrichten kommen an, sobald sie gesendet sind.',
    polling: 'Die Seite fragt immer wieder nach, weil sie keinen Strom von Nachrichten bekommt.',
    offline: 'Was du schreibst, wird gesendet, sobald die Verbindung wieder da ist.',
  },
  connectionLost: 'Keine Verbindung. Was du schreibst, wird später gesendet.',
  noNetwork: 'Du bist offline. Was du schreibst, wird später gesendet.',
  connectedAgain: 'Wieder verbunden.',
  retryIn: (seconds) => `Nächster Versuch in ${number(seconds)} s`,
  retrying: 'Wird versucht …',
  tryNow: 'Jetzt versuchen',
  pollingWhy: {
    mute: 'Ein Proxy oder dergleichen hält den Strom der Nachrichten zurück. Die Seite fragt stattdessen nach ihnen: Sie kommen vielleicht etwas später.',
    broken:
      'Der Strom der Nachrichten bricht immer wieder ab. Die Seite fragt stattdessen nach ihnen: Sie kommen vielleicht etwas später.',
    refused:
      'Der Server gibt gerade keinen Strom von Nachrichten. Die Seite fragt stattdessen nach ihnen: Sie kommen vielleicht etwas später.',
    'no-stream':
      'Ein Proxy oder dergleichen lässt den Strom der Nachrichten nicht durch. Die Seite fragt stattdessen nach ihnen: Sie kommen vielleicht etwas später.',
  },
  dismiss: 'In Ordnung',
  storeAway:
    'Nachrichten können gerade nicht gespeichert werden. Was du schreibst, bleibt hier und wird später gesendet.',

  notify: {
    title: 'Benachrichtigungen',
    off: 'Aus',
    mentions: 'Wenn jemand mich erwähnt',
    all: 'Bei jeder Nachricht',
    troubles: {
      denied:
        'Dein Browser erlaubt dieser Seite keine Benachrichtigungen. Erlaube sie in den Einstellungen für diese Seite, neben ihrer Adresse.',
      insecure: 'Browser benachrichtigen nur bei Seiten, die über HTTPS kommen.',
      missing: 'Dieser Browser kennt keine Benachrichtigungen für Seiten.',
    },
    said: (who, room) => `${who} in ${room}`,
    saidMore: (n, room) => `${count(n, { one: 'neue Nachricht', other: 'neue Nachrichten' })} in ${room}`,
  },

  stopped: {
    destroyed: 'Du hast den Raum verlassen, vielleicht in einem anderen Tab.',
    'taken-over': 'Du bist anderswo in diesen Raum eingetreten, darum hat diese Seite aufgehört.',
    removed: 'Du wurdest aus dem Raum gewiesen.',
    revoked: 'Du darfst nicht mehr in diesem Raum sein.',
    flooding: 'Du wurdest hinausgewiesen, weil du zu viel auf einmal gesendet hast.',
    superseded: 'Dieser Raum ist an zu vielen Orten offen, darum hat dieser aufgehört.',
    'room-not-found': 'Diesen Raum gibt es nicht mehr.',
  },
  stoppedWhy: (text, why) => `${text} „${why}“`,
  stoppedOtherwise: 'Dein Aufenthalt im Raum ist zu Ende.',
  joinAgain: 'Wieder eintreten',
  useHere: 'Hier benutzen',

  unreachable: 'Der Server ist nicht erreichbar.',
  serverTrouble: (status) => `Der Server hat Schwierigkeiten (${status}).`,
  problems: {
    'name-in-use':
      'Jemand im Raum heißt so, oder so ähnlich. Wähle einen anderen Namen. Bist du es selbst, geh erst dort hinaus, oder warte etwas.',
    'cross-origin':
      'Diese Seite darf nicht mit dem Raum sprechen: Sie kam von einer anderen Adresse, als der Server kennt.',
    'room-not-found': 'Diesen Raum gibt es nicht mehr.',
    'credentials-required': 'Das ist nicht das Passwort zu diesem Namen.',
    'request-timeout': 'Die Verbindung ist zu langsam: Der Server bekam nicht rechtzeitig alles.',
    'rate-limited': 'Das war zu viel auf einmal.',
    unavailable: 'Der Server kann das gerade nicht.',
    internal: 'Der Server hat einen Fehler gemacht. Dort ist er notiert.',
  },
  tooManyLogins: 'Unter diesem Namen ist der Eintritt zu oft misslungen.',
  tryAgainIn: (seconds) =>
    `Versuch es in ${count(seconds, { one: 'Sekunde', other: 'Sekunden' })} noch einmal.`,
});
