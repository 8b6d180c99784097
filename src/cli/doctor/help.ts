/** What else there is to know about `parlor doctor`. */

export function doctorHelp(): string {
  return `URL is the address of the room's page, such as https://chat.example.org/lobby;
without a room it is the server's first one. http:// or https:// may be left
out.

It looks at what lies on the way to the server: TLS, redirects, caches, what is
held back of streams, cookies, clocks. Without --name or --token-file it only
reads, and nobody notices. With one of them it goes into the room, which
everybody there sees, says one line, and leaves. PARLOR_PASSWORD has the
password, if one is needed. Neither it nor a token is sent without TLS beyond
this machine, unless --plain-http is given.

docs/doctor.md says what each check means.

Exit codes:
  0    no problem; there may be warnings
  1    there is a problem
  2    not understood`;
}
