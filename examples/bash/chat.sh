#!/usr/bin/env bash
# A member of a Parlor room with nothing but bash (4.2 or newer), curl and the usual tools: it polls.
#
#   ./chat.sh http://127.0.0.1:3000/lobby --name Ada
#
# Each line that you type is said. Ctrl+D leaves once all is said, Ctrl+C at once. What the room's log has goes to
# stdout, all else to stderr. Exit code: 0 after leaving, 1 if the server does not let one in or shows one out.
#
# JSON is read without jq. Quotes within a JSON string have a backslash before them, so `"name":` never stands within
# one, and a pattern that looks for a member of an object finds nothing else.
set -u
umask 077 # The cookie jar is nobody else's to read.

url='' name=${USER:-Guest} room=''
while [ $# -gt 0 ]; do
  case $1 in
    --name) name=${2-} && shift 2 || exit 2 ;;
    --room) room=${2-} && shift 2 || exit 2 ;;
    --pull) shift ;; # It does nothing else.
    *) url=$1 && shift ;;
  esac
done
[[ $url =~ ^(https?://[^/]+)/*([^/]*) ]] || { echo "Usage: $0 URL [--name N] [--room R]" >&2; exit 2; }
api=${BASH_REMATCH[1]}/v1/rooms/${room:-${BASH_REMATCH[2]:-lobby}}/session

# What the one who listens in the background and the one who speaks both know stands in files.
dir=$(mktemp -d) || exit 1
jar=$dir/jar
touch "$dir/jar" "$dir/said" "$dir/gaps"
note() { printf -- '-- %s\n' "$1" | shown >&2; }

# Others' text for a terminal: nothing in it steers the terminal. The bytes are those of UTF-8: C1, marks of direction.
shown() {
  LC_ALL=C sed -E $'s/[\x01-\x08\x0b-\x1f\x7f]/\\\\u{?}/g; s/\xc2[\x80-\x9f]/\\\\u{?}/g; s/\xd8\x9c/\\\\u{?}/g
    s/\xe2\x80[\x8e\x8f\xa8-\xae]/\\\\u{?}/g; s/\xe2\x81[\xa6-\xa9]/\\\\u{?}/g'
}

# One request: `status` is the answer's code (000: none came), `answer` its body, `after` its Retry-After. What is secret or
# said is never an argument, which others on this machine can read: texts come by stdin, for `--data-urlencode …@-`.
ask() {
  local text head
  text=$(curl -sS -m 15 -b "$jar" -D - -w '\n%{http_code}' "$@" 2>"$dir/why")
  status=${text##*$'\n'} text=${text%$'\n'*} head=''
  while [[ $text == HTTP/*$'\r\n\r\n'* ]]; do # Its own head follows after 100 Continue.
    head=${text%%$'\r\n\r\n'*} text=${text#*$'\r\n\r\n'}
  done
  answer=$text after=0
  [[ $status =~ ^[1-9][0-9][0-9]$ ]] || status=000
  if [[ ${head,,} =~ retry-after:\ *([0-9]{1,5}) ]]; then after=${BASH_REMATCH[1]}; fi
}

# The value of a member of `answer`, or of the second argument: a string as it is said, anything else as it stands.
member() {
  local json=${2-$answer} string='"(([^"\\]|\\.)*)"'
  value=''
  if [[ $json =~ \"$1\":$string ]]; then
    value=${BASH_REMATCH[1]//\\\\/$'\001'} # Set aside, or \\n would be taken for a line feed.
    value=${value//\\n/$'\n'  } value=${value//\\t/$'\t'} value=${value//\\\"/\"} value=${value//\\\//\/}
    value=${value//$'\001'/\\}
  elif [[ $json =~ \"$1\":([^,\"}]+) ]]; then
    value=${BASH_REMATCH[1]}
  fi
}

# Waits at least $2 seconds and up to 2^$1 more (30 at most), so that not all clients come back at once.
rest() {
  local most=$((1000 * ($1 < 5 ? 1 << $1 : 30)))
  local ms=$(($2 * 1000 + RANDOM * most / 32768))
  sleep "$((ms / 1000)).$(printf %03d $((ms % 1000)))"
}

# What to do about an answer that is not the one asked for: retry, create (a new session) or stop.
action() {
  member code; local code=$value
  member action; action=$value
  case $status in
    401 | 410) [ "$action" = stop ] || action=create ;;
    408 | 429 | 000 | 2?? | 5??) action=retry ;; # A network's sign-in page answers 200, too.
    *) action=stop ;;
  esac
  member detail; detail=${value:-"The server answers $status."}
  if [ "$status" = 000 ]; then
    local why=''; read -r why <"$dir/why" # Such as a certificate that nobody here trusts.
    detail="The server cannot be reached${why:+ ($why)}."
  fi
  [ "$code" = name-in-use ] && [ -e "$dir/cursor" ] && [ "$1" -lt 5 ] && action=retry # The old session may hold it yet.
}

# Opens a session. A lost answer is asked for again under the same key, so that it is still one session.
create() {
  local failures=0
  create_key=${create_key:-$(cat /proc/sys/kernel/random/uuid 2>/dev/null || uuidgen)}
  # Until the session is used, whoever has the key has the session.
  printf 'Idempotency-Key: %s\n' "$create_key" >"$dir/key"
  while :; do
    ask -c "$jar" -H "@$dir/key" --data-urlencode name@- "$api" < <(printf %s "$name")
    [[ $status == 20? && $answer == *'"cursor":"'* ]] && break
    failures=$((failures + 1)) && action $failures
    [ "$action" = stop ] && note "$detail" && return 1
    note "$detail Trying again." && rest $failures "$after"
  done
  member name && name=$value
  member cursor
  # A new session goes on where the old one was.
  [ -e "$dir/cursor" ] || printf %s "$value" >"$dir/cursor"
}

# Tells one event, and notes for the one who speaks that it was heard.
declare -A told # Who has said what was told last, and when: a text that is redacted cannot be taken back from the terminal.
hear() {
  local who type id text
  member name "$1" && who=$value
  member type "$1" && type=$value
  member id "$1" && id=$value
  member message "$1" && text=$value
  [[ $1 == *'"redacted":true'* ]] && text='(removed)'
  unset "told[$((id - 1000))]"
  case $type in message | announcement)
    member timestamp "$1" && printf -v "told[$id]" '%s, %(%H:%M)T' "${who:-the announcement}" "${value%???}" ;;
  esac
  case $type in
    message) printf '<%s> %s\n' "$who" "$text" ;;
    announcement) printf '*** %s\n' "$text" ;;
    redaction) member target "$1" && printf '* Removed: %s.\n' "${told[$value]:-a message from before}" ;;
    join) printf '* %s has joined.\n' "$who" ;;
    leave) printf '* %s has left.\n' "$who" ;;
  esac | shown
  member key "$1"
  [ "$who" = "$name" ] || return
  if [ "$type" = message ]; then echo "$value" >>"$dir/said"; fi
  if [ "$type" = join ]; then enter; fi
}

# One's own join was heard, and so all that was said before it. Only now the new session is for the one who speaks.
enter() { cp "$dir/jar" "$dir/jar.new" && mv "$dir/jar.new" "$dir/inside"; }

# Hears the room until the stay is over, and goes on by cursor after every break.
follow() {
  local failures=0 asked_at
  while :; do
    asked_at=$SECONDS
    ask -m 40 -G --data-urlencode "after=$(cat "$dir/cursor")" -d wait=25 "$api/updates"
    if [ "$status" = 200 ] && [[ $answer == '{"events":'* ]]; then
      failures=0 create_key=''
      member lost
      case $value in
        '' | 0) ;;
        *)
          printf '* %s events are lost.\n' "${value/null/Some}" | shown
          [ "$value" = null ] && told=() # Ids may begin anew.
          echo gap >>"$dir/gaps"
          # One's own join may be among them. Names have no brackets, quotes or commas.
          [[ $answer =~ \"users\":\[([^]]*)\] ]] && [[ ,${BASH_REMATCH[1]}, == *",\"$name\","* ]] && enter
          ;;
      esac
      # All objects within the answer: events, which have no object within them.
      while IFS= read -r event; do hear "$event"; done < <(
        LC_ALL=C grep -aoE '\{"id":([^"{}]|"([^"\\]|\\.)*")*\}' <<<"$answer"
      )
      member cursor && printf %s "$value" >"$dir/cursor"
      # A server that is stopping answers early and empty.
      [[ $answer == '{"events":[]'* ]] && [ $((SECONDS - asked_at)) -lt 2 ] && rest 0 1
      continue
    fi
    failures=$((failures + 1)) && action 9
    [ "$action" = stop ] && note "You are out of the room. $detail" && break
    note "$detail Trying again." && rest $failures "$after"
    if [ "$action" = create ]; then create || break; fi
  done
  kill -HUP $$ # The one who speaks waits for a line.
}

# Says a text once: its key stays the same for every try.
say() {
  local key failures=0 gaps jar=$dir/mine session=none in_doubt=no
  key=$(cat /proc/sys/kernel/random/uuid 2>/dev/null || uuidgen)
  gaps=$(wc -l <"$dir/gaps")
  while :; do
    until [ -e "$dir/inside" ] && ! cmp -s "$dir/inside" "$dir/$session"; do sleep 0.1; done
    cp "$dir/inside" "$jar"
    # Keys belong to a session: under a new one, the log tells whether it was said.
    grep -q "^$key" "$dir/said" && return
    [ $in_doubt = yes ] && [ "$(wc -l <"$dir/gaps")" -gt "$gaps" ] && note "Maybe this was said, maybe not: $1" && return
    while :; do
      ask -H "Idempotency-Key: $key" --data-urlencode message@- "$api/messages" < <(printf %s "$1")
      [[ $status == 20? && $answer == *'"id":'* ]] && said=$key && return
      action 9
      [ "$action" = stop ] && [ "$status" != 410 ] && note "Not said: $detail" && return
      [ "$action" = retry ] || break # `follow` sees to a new session, or to the end.
      in_doubt=yes failures=$((failures + 1)) && rest $failures "$after"
    done
    session=mine
  done
}

# 204 and 410 both say that the leave is certain. Whoever cannot wait goes: the session expires.
leave() {
  trap '' INT TERM HUP EXIT
  jar=$dir/jar # Also if it was to be said just now.
  [ -n "${follower-}" ] && kill "$follower" 2>/dev/null && wait "$follower" 2>/dev/null
  for failures in 0 1 2; do
    ask -m 5 -X DELETE "$api"
    case $status in 000 | 5??) rest $failures 0 ;; *) break ;; esac
  done
  rm -rf "$dir"
  exit "$1"
}

trap 'rm -rf "$dir"' EXIT
create || exit 1
trap 'leave 0' INT TERM
trap 'leave 1' HUP
ask "$api/users"
[[ $answer =~ \[([^]]*)\] ]] && users=${BASH_REMATCH[1]//\"/} && note "You are $name. Here: ${users//,/, }."
follow &
follower=$!
said=''
while IFS= read -r line || [ -n "$line" ]; do
  [[ $line == *[![:space:]]* ]] && say "${line%$'\r'}"
done
# The log tells the last one, too.
for _ in {1..50}; do [ -z "$said" ] || grep -q "^$said" "$dir/said" && break; sleep 0.1; done
leave 0
