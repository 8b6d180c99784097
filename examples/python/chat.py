#!/usr/bin/env python3
"""A member of a Parlor room on the command line, with nothing but Python's standard library (3.9 or newer).

    python3 chat.py http://127.0.0.1:3000/lobby --name Ada          # push: holds a stream of Server-Sent Events
    python3 chat.py http://127.0.0.1:3000/lobby --name Ada --pull   # pull: asks for what is new, again and again

Each line that you type is said. Ctrl+D leaves once all is said, Ctrl+C at once. What the room's log has goes to
stdout, all else to stderr. Exit code: 0 after leaving, 1 if the server does not let one in or shows one out.
"""
import argparse
import contextlib
import getpass
import http.client
import json
import os
import random
import re
import signal
import sys
import threading
import time
import urllib.parse
import uuid


MAX_ANSWER = 64 * 1024 * 1024  # What is longer is no answer of a Parlor server.
LINES_KNOWN = 1000


class Problem(Exception):
    """An answer of the server that is not the one asked for; `action` says what to do: retry, create or stop."""

    def __init__(self, status, headers, text):
        try:
            body = dict(json.loads(text))
        except (ValueError, TypeError):
            body = {}  # A proxy's page.
        super().__init__(body.get("detail") or f"The server answers {status}.")
        self.code = body.get("code")
        after = headers.get("Retry-After", "")
        self.retry_after = seconds(after)
        if status in (408, 429) or status >= 500 or self.code == "not-joined":
            self.action = "retry"
        elif status in (401, 410):
            self.action = body.get("action") or "create"
        else:
            self.action = "stop"


# What ends a try: a refusal, a broken connection or silence (OSError), an answer that nobody can read (all others).
TROUBLE = (Problem, OSError, http.client.HTTPException, ValueError, LookupError, TypeError, AttributeError)
TROUBLE += (ArithmeticError, RecursionError)


class Member:
    def __init__(self, url, room, name, pull):
        self.url, self.name, self.pull = url, name, pull
        self.base = f"/v1/rooms/{urllib.parse.quote(room, safe='')}"
        self.token = self.cursor = self.create_key = None
        self.heartbeat, self.retry = 15, 0
        self.heard_id = self.gaps = 0
        self.is_inside = False  # One's own join was heard: all that was said before under an old session is heard too.
        self.told = {}  # Who has said what was told last, and when.
        self.pending = {}  # Keys on their way, and whether the log was heard to have them.
        self.changed = threading.Condition()
        self.over, self.exit_code = threading.Event(), 0

    # -- Requests

    def open(self, method, path, body=None, timeout=15, headers=(), token=None):
        is_tls = self.url.scheme == "https"
        connect = http.client.HTTPSConnection if is_tls else http.client.HTTPConnection
        connection = connect(self.url.hostname, self.url.port, timeout=timeout)
        try:
            headers = {"Content-Type": "application/json", **dict(headers)}
            if token:
                headers["Authorization"] = f"Bearer {token}"
            content = None if body is None else json.dumps(body).encode()
            connection.request(method, self.base + path, content, headers)
            answer = connection.getresponse()
            if answer.status >= 300:
                raise Problem(answer.status, answer.headers, answer.read(MAX_ANSWER))
            return connection, answer
        except BaseException:
            connection.close()
            raise

    def ask(self, *args, **options):
        connection, answer = self.open(*args, **options)
        try:
            text = answer.read(MAX_ANSWER)
            return json.loads(text) if text else None
        finally:
            connection.close()

    def rest(self, failures, least=0):
        """Full jitter, so that not all clients come back at once when a server does."""
        self.over.wait(least + random.random() * min(30, 2**failures))

    # -- The session

    def create(self):
        """Opens a session. A lost answer is asked for again under the same key, so that it is still one session."""
        failures = 0
        self.create_key = self.create_key or str(uuid.uuid4())
        wish = {"name": self.name, "delivery": "pull" if self.pull else "push", "credential": "bearer"}
        while True:
            try:
                headers = {"Idempotency-Key": self.create_key}
                session = self.ask("POST", "/session", wish, headers=headers)
                with self.changed:
                    self.token, self.name, self.is_inside = session["token"], session["name"], False
                self.heartbeat = session["heartbeat"]
                # A new session goes on where the old one was.
                self.cursor = self.cursor or session["cursor"]
                return
            except TROUBLE as trouble:
                failures += 1
                # The old session may hold the name for a moment.
                is_mine = self.token and getattr(trouble, "code", "") == "name-in-use" and failures < 5
                if getattr(trouble, "action", "retry") != "retry" and not is_mine:
                    raise
                note(f"{describe(trouble)} Trying again.")
                self.rest(failures, getattr(trouble, "retry_after", 0))

    def leave(self):
        """204 and 410 both say that the leave is certain. Whoever cannot wait goes: the session expires."""
        for failures in range(3):
            try:
                return self.ask("DELETE", "/session", token=self.token, timeout=5)
            except Problem as problem:
                if problem.action != "retry":
                    return None
            except (OSError, http.client.HTTPException):
                pass
            time.sleep(random.random() * 2**failures)

    # -- Listening

    def follow(self):
        """Hears the room until the stay is over, and goes on by cursor after every break."""
        failures = 0
        while True:
            self.has_heard, least, action, why = False, 0, "retry", ""
            try:
                ending = self.poll() if self.pull else self.stream()
                action, why, least = ending["action"], f"The stream ended ({ending['reason']}). {ending.get('detail', '')}".strip(), self.retry
            except TROUBLE as trouble:
                action, why = getattr(trouble, "action", "retry"), describe(trouble)
                least = getattr(trouble, "retry_after", 0) or self.retry
            failures = 0 if self.has_heard else failures + 1
            if action == "stop":
                return self.end(f"You are out of the room. {why}")
            note(f"{why} Trying again.")
            self.rest(failures, least)
            if action == "create":
                try:
                    self.create()
                except Problem as problem:
                    return self.end(describe(problem))

    def poll(self):
        while True:
            asked_at = time.monotonic()
            path = f"/session/updates?wait=25&after={urllib.parse.quote(self.cursor)}"
            page = self.ask("GET", path, token=self.token, timeout=40)
            if "lost" in page:
                self.tell_gap(page)
            for event in page["events"]:
                self.hear(event)
            self.cursor = page["cursor"]
            self.has_heard, self.create_key = True, None
            # A server that is stopping answers early and empty.
            if not page["events"] and time.monotonic() - asked_at < 1:
                self.rest(0, 1)

    def stream(self):
        """Reads one stream to its end, and returns why it ended."""
        path = f"/session/events?liveness=ping&after={urllib.parse.quote(self.cursor)}"
        # Nothing for 2.5 heartbeats: the stream is dead, whatever TCP believes.
        connection, answer = self.open("GET", path, token=self.token, timeout=2.5 * self.heartbeat)
        kind, event_id, data, pinged_at = "", None, [], time.monotonic()
        try:
            if answer.headers.get_content_type() != "text/event-stream":
                raise ValueError("That is no stream.")
            while (raw := answer.readline(MAX_ANSWER)).endswith(b"\n"):
                line = raw.decode().rstrip("\r\n")
                field, _, value = line.partition(":")
                value = value[1:] if value.startswith(" ") else value
                if field == "event":
                    kind = value
                elif field == "id":
                    event_id = value
                elif field == "data":
                    data.append(value)
                    if sum(map(len, data)) > MAX_ANSWER:
                        raise ValueError("That is no event.")
                elif field == "retry":
                    self.retry = seconds(value) / 1000
                elif line.startswith(":"):
                    self.has_heard = True
                if line:
                    continue
                # Bytes that arrive are answered now and then: the server learns that one is still there.
                if time.monotonic() - pinged_at >= self.heartbeat:
                    pinged_at = time.monotonic()
                    with contextlib.suppress(*TROUBLE):
                        self.ask("POST", "/session/ping", token=self.token, timeout=5)
                told = json.loads("\n".join(data)) if data else {}
                if kind == "bye":
                    return told
                if kind == "init":
                    self.tell_gap(told)
                elif kind == "status":
                    note(f"The server's store is {told['store']}.")
                elif "id" in told:
                    self.hear(told)
                if event_id:
                    self.cursor, self.has_heard, self.create_key = event_id, True, None
                kind, event_id, data = "", None, []
        finally:
            connection.close()
        return {"action": "reconnect", "reason": "cut off"}

    def tell_gap(self, page):
        lost = page["lost"]
        if lost != 0:
            tell(f"* {'Some' if lost is None else shown(str(lost))} events are lost.")
        if lost is None:  # Ids may begin anew.
            self.told.clear()
        with self.changed:
            self.gaps += lost != 0
            self.is_inside = self.name in page["users"]
            self.changed.notify_all()

    def hear(self, event):
        kind, name, number = event["type"], shown(event.get("name", "")), event["id"]
        if kind in ("message", "announcement"):
            text = "(removed)" if event.get("redacted") else shown(event["message"])
            tell(f"<{name}> {text}" if kind == "message" else f"*** {text}")
            at = time.strftime("%H:%M", time.localtime(event["timestamp"] / 1000))
            self.told[number] = f"{name or 'the announcement'}, {at}"
        elif kind == "redaction":  # What is in the terminal cannot be taken back.
            tell(f"* Removed: {self.told.get(event['target'], 'a message from before')}.")
        elif kind in ("join", "leave"):
            tell(f"* {name} has {'joined' if kind == 'join' else 'left'}.")
        self.told.pop(number - LINES_KNOWN, None)
        with self.changed:
            self.heard_id = number  # Also of a type that is not known here.
            if event.get("name") == self.name:
                self.is_inside = self.is_inside or kind == "join"
                if event.get("key") in self.pending:
                    self.pending[event["key"]] = True
            self.changed.notify_all()

    # -- Speaking

    def speak(self):
        """Says what is typed, one line after the other, and leaves at the end."""
        last_id = 0
        for line in sys.stdin:
            if line.strip():
                last_id = self.say(line.rstrip("\r\n")) or last_id
        with self.changed:
            self.changed.wait_for(lambda: self.heard_id >= last_id, timeout=5)
        self.over.set()

    def say(self, text):
        """Says a text once: its key stays the same for every try. Returns its id, as far as it is known."""
        key, failures, doubt = str(uuid.uuid4()), 0, None
        self.pending = {key: False}
        while True:
            with self.changed:
                self.changed.wait_for(lambda: self.is_inside)
                token, now = self.token, (self.token, self.gaps)
            # Keys belong to a session: under a new one, the log tells whether it was said.
            if self.pending[key]:
                return None
            if doubt and now[0] != doubt[0] and now[1] != doubt[1]:
                return note(f"Maybe this was said, maybe not: {text}")
            try:
                return self.ask("POST", "/session/messages", {"message": text, "key": key}, token=token)["id"]
            except TROUBLE as trouble:
                action = getattr(trouble, "action", "retry")
                is_gone = getattr(trouble, "code", "") == "session-gone"
                if action == "stop" and not is_gone:
                    return note(f"Not said: {trouble}")
                if action != "retry":  # `follow` sees to a new session, or to the end.
                    with self.changed:
                        self.is_inside = self.is_inside and token != self.token
                    continue
                failures, doubt = failures + 1, doubt or now
                self.rest(failures, getattr(trouble, "retry_after", 0))

    def end(self, why):
        if self.over.is_set():  # One's own leaving.
            return
        note(why)
        self.exit_code = 1
        self.over.set()


def shown(text):
    """Others' text for a terminal: nothing in it steers the terminal, and no line of it looks like somebody else's."""
    steering = r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]"
    return re.sub(steering, lambda found: f"\\u{{{ord(found[0]):x}}}", text).replace("\n", "\n  ")


def describe(trouble):
    return (str(trouble) or type(trouble).__name__).rstrip(".") + "."


def seconds(text):
    """As a server asks for them, but no more than a day: 0 if it is no number."""
    return min(int(text), 86400) if re.fullmatch("[0-9]{1,9}", text) else 0


def tell(line):
    try:
        print(line, flush=True)
    except OSError:  # Nobody reads it any more.
        os.kill(os.getpid(), signal.SIGTERM)


def note(line):
    print(f"-- {shown(line)}", file=sys.stderr, flush=True)


def main():
    parser = argparse.ArgumentParser(description="A member of a Parlor room.")
    parser.add_argument("url", help="the room's page, such as http://127.0.0.1:3000/lobby")
    parser.add_argument("--name", default=getpass.getuser())
    parser.add_argument("--room", help="if the URL does not name it")
    parser.add_argument("--pull", action="store_true", help="poll instead of holding a stream")
    args = parser.parse_args()
    url = urllib.parse.urlsplit(args.url)
    if url.scheme not in ("http", "https") or not url.hostname:
        parser.error("the URL begins with http:// or https://")
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="replace")
    signal.signal(signal.SIGTERM, signal.default_int_handler)

    member = Member(url, args.room or url.path.strip("/") or "lobby", args.name, args.pull)
    try:
        member.create()
        with contextlib.suppress(*TROUBLE):
            users = member.ask("GET", "/session/users", token=member.token)["users"]
            note(f"You are {member.name}. Here: {', '.join(users) or 'nobody yet'}.")
        for work in (member.follow, member.speak):
            threading.Thread(target=work, daemon=True).start()
        member.over.wait()
    except KeyboardInterrupt:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        member.over.set()
    except TROUBLE as trouble:
        member.end(describe(trouble))
    if member.token:
        member.leave()
    os._exit(member.exit_code)  # A thread that reads stdin would hold up an ordinary end.


if __name__ == "__main__":
    main()
