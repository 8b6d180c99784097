/** What else there is to know about `parlor chat` and `parlor tail`. */

const url = `URL is the address of the room's page, such as https://chat.example.org/lobby;
without a room it is the server's first one. http:// or https:// may be left
out.`;

const exitCodes = `  3    the server cannot be reached, or is no Parlor
  4    not let in: the name is in use, the password wrong, no such room`;

export function chatHelp(): string {
  return `${url}

At a terminal: what you type is sent by Enter; Alt+Enter breaks the line, and so
does a paste. Tab completes names. /help lists the commands; Ctrl+C leaves.

In a pipe: each line is posted as it is, and stdout has what happens in the room
meanwhile. At the end of the input, once all is posted, it leaves. Lines that
cannot be posted are told on stderr.

A password is asked for if the server wants one, or taken from PARLOR_PASSWORD.
A token (of a single sign-on, say) is in the file of --token-file, which is read
again when a new one is needed, or in PARLOR_TOKEN.
NO_COLOR=1 prints without colours, FORCE_COLOR=1 with colours also into a pipe.

Exit codes:
  0    left; all lines were posted
  1    failed: some lines were not posted
  2    not understood
${exitCodes}
  5    the server ended the stay: shown out, taken over, flooding
  130  by a signal: 128 and its number`;
}

export function tailHelp(): string {
  return `${url}

It goes on after every break where it was, and tells what is lost. Ctrl+C ends
it.

Exit codes:
  0    whoever read its output has closed it
  2    not understood
${exitCodes}
  130  by a signal: 128 and its number`;
}
