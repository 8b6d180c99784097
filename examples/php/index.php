<?php
/**
 * A Parlor room as a web page in plain PHP (8.0 or newer, no extension, no JavaScript): it polls.
 *
 *     PARLOR_URL=http://127.0.0.1:3000/lobby php -S 127.0.0.1:8080 -t examples/php
 *
 * and open http://127.0.0.1:8080. The session with Parlor is kept in PHP's session: the browser never sees its cookie. The
 * log is a frame that loads itself anew, so that what is being typed beside it stays.
 */

declare(strict_types=1);

const REFRESH_SECONDS = 3;
const LINES_KEPT = 200;
const TRIES = 3;
const MAX_ANSWER = 32 * 1024 * 1024; // What is longer is no answer of a Parlor server.

[$origin, $room] = preg_match('~^(https?://[^/]+)/*([^/]*)~', getenv('PARLOR_URL') ?: 'http://127.0.0.1:3000/lobby', $found)
    ? [$found[1], $found[2] ?: 'lobby']
    : exit('PARLOR_URL begins with http:// or https://');
define('SESSION_URL', "$origin/v1/rooms/" . rawurlencode($room) . '/session');

/** One request. An answer without a status did not come, or nobody can read it. */
function ask(string $method, string $path = '', ?array $body = null, array $headers = []): object
{
    if (isset($_SESSION['cookie'])) {
        $headers[] = "Cookie: {$_SESSION['cookie']}";
    }
    $stream = @fopen(SESSION_URL . $path, 'r', false, stream_context_create(['http' => [
        'method' => $method,
        'header' => [...$headers, 'Content-Type: application/json', 'Connection: close'],
        'content' => $body === null ? '' : json_encode($body, JSON_INVALID_UTF8_SUBSTITUTE),
        'protocol_version' => 1.1,
        'timeout' => 10,
        'ignore_errors' => true,
        'follow_location' => 0,
    ]]));
    $answer = (object) ['status' => 0, 'body' => null, 'cookie' => null, 'retryAfter' => 0];
    if ($stream === false) {
        return $answer;
    }
    foreach (stream_get_meta_data($stream)['wrapper_data'] as $line) {
        if (preg_match('~^HTTP/\S+ (\d+)~', $line, $found)) {
            $answer->status = (int) $found[1];
        } elseif (preg_match('~^Set-Cookie: *((?:__Host-)?parlor-[^=]+=[^;]+)~i', $line, $found)) {
            $answer->cookie = $found[1];
        } elseif (preg_match('~^Retry-After: *(\d+)~i', $line, $found)) {
            $answer->retryAfter = (int) $found[1];
        }
    }
    $text = (string) stream_get_contents($stream, MAX_ANSWER);
    fclose($stream);
    $answer->body = json_decode($text, true);
    if (!is_array($answer->body) && $answer->status !== 204 && $answer->status < 300) {
        $answer->status = 0;
    }
    return $answer;
}

/** What to do after an answer: none (it is the one asked for), retry, create (a new session) or stop. */
function actionAfter(object $answer): string
{
    if ($answer->status >= 200 && $answer->status < 300) {
        return 'none';
    }
    $passes = in_array($answer->status, [0, 408, 429], true) || $answer->status >= 500;
    return match (true) {
        $passes => 'retry',
        $answer->status === 401, $answer->status === 410 => ($answer->body['action'] ?? '') === 'stop' ? 'stop' : 'create',
        default => 'stop',
    };
}

function detail(object $answer): string
{
    $detail = $answer->body['detail'] ?? null;
    return is_string($detail) ? $detail : ($answer->status === 0 ? 'The chat does not answer.' : "The chat answers $answer->status.");
}

function uuid(): string
{
    $hex = bin2hex(random_bytes(16));
    $hex[12] = '4';
    $hex[16] = '89ab'[random_int(0, 3)];
    return preg_replace('~^(.{8})(.{4})(.{4})(.{4})(.{12})$~', '$1-$2-$3-$4-$5', $hex);
}

/** Opens a session. A lost answer is asked for again under the same key, so that it is still one session. */
function enter(string $name): object
{
    $_SESSION['createKey'] ??= uuid();
    for ($try = 1; ; $try++) {
        $answer = ask('POST', '', ['name' => $name], ["Idempotency-Key: {$_SESSION['createKey']}"]);
        // The old session may hold the name for a moment.
        $isMine = isset($_SESSION['cookie']) && ($answer->body['code'] ?? '') === 'name-in-use';
        if ($try === TRIES || (actionAfter($answer) !== 'retry' && !$isMine)) {
            break;
        }
        usleep(random_int(0, 200_000 * 2 ** $try));
    }
    if (actionAfter($answer) === 'stop') {
        unset($_SESSION['createKey']);
    }
    if (actionAfter($answer) === 'none') {
        $_SESSION['cookie'] = $answer->cookie ?? $_SESSION['cookie'];
        $_SESSION['name'] = $answer->body['name'];
        // A new session goes on where the old one was.
        $_SESSION['cursor'] ??= $answer->body['cursor'];
        $_SESSION['log'] ??= [];
        if (!isset($_SESSION['users'])) {
            $_SESSION['users'] = array_fill_keys(ask('GET', '/users')->body['users'] ?? [], true);
        }
    }
    return $answer;
}

/** Reads what is new, to the head of the log. Returns what went wrong, or null. */
function update(): ?object
{
    for ($created = 0; ; ) {
        $answer = ask('GET', '/updates?limit=200&after=' . rawurlencode($_SESSION['cursor']));
        if ($answer->status !== 200) {
            if (actionAfter($answer) !== 'create' || $created++ > 0) {
                return $answer;
            }
            $answer = enter($_SESSION['name']);
            if (actionAfter($answer) !== 'none') {
                return $answer;
            }
            continue;
        }
        unset($_SESSION['createKey']);
        if (array_key_exists('lost', $answer->body)) {
            $lost = $answer->body['lost'];
            if ($lost === null) { // Ids may begin anew.
                $_SESSION['log'] = array_map(fn (array $line): array => ['id' => 0] + $line, $_SESSION['log']);
            }
            if ($lost !== 0) {
                $_SESSION['gaps'] = ($_SESSION['gaps'] ?? 0) + 1;
                $_SESSION['log'][] = ['type' => 'gap', 'text' => ($lost ?? 'Some') . ' events are lost.'];
            }
            $_SESSION['users'] = array_fill_keys($answer->body['users'], true);
        }
        foreach ($answer->body['events'] as $event) {
            hear($event);
        }
        $_SESSION['cursor'] = $answer->body['cursor'];
        $_SESSION['log'] = array_slice($_SESSION['log'], -LINES_KEPT);
        if (!$answer->body['more']) {
            return null;
        }
    }
}

function hear(array $event): void
{
    ['type' => $type, 'timestamp' => $timestamp] = $event;
    $name = $event['name'] ?? '';
    if ($type === 'join') {
        $_SESSION['users'][$name] = true;
    } elseif ($type === 'leave') {
        unset($_SESSION['users'][$name]);
    } elseif ($type === 'redaction') {
        foreach ($_SESSION['log'] as $i => $line) {
            if (($line['id'] ?? 0) === $event['target']) {
                $_SESSION['log'][$i] = ['type' => 'gone', 'text' => 'Message removed'] + $line;
            }
        }
        return;
    } elseif ($type === 'announcement') {
        $name = 'Announcement:';
    } elseif ($type !== 'message') {
        return; // Its id is counted by the cursor.
    }
    $text = ['join' => 'has joined.', 'leave' => 'has left.'][$type] ?? $event['message'];
    if ($event['redacted'] ?? false) {
        [$type, $text] = ['gone', 'Message removed'];
    }
    $key = $name === $_SESSION['name'] ? $event['key'] ?? null : null;
    $_SESSION['log'][] = ['id' => $event['id'], 'type' => $type, 'name' => $name, 'text' => $text, 'at' => intdiv($timestamp, 1000), 'key' => $key];
}

/** Says a text once: its key comes with the form, and stays the same for every try. Returns what went wrong, or null. */
function say(string $text, string $key): ?string
{
    $isInDoubt = ($_SESSION['draft']['key'] ?? '') === $key;
    $gaps = $_SESSION['gaps'] ?? 0;
    for ($try = 1; ; $try++) {
        $answer = ask('POST', '/messages', ['message' => $text, 'key' => $key]);
        if (actionAfter($answer) === 'none') {
            return null;
        }
        if (actionAfter($answer) === 'create') {
            // Keys belong to a session: under a new one, the log tells whether it was said.
            $trouble = update();
            if ($trouble !== null) {
                return detail($trouble);
            }
            if (in_array($key, array_column($_SESSION['log'], 'key'), true)) {
                return null;
            }
            if ($isInDoubt && ($_SESSION['gaps'] ?? 0) !== $gaps) {
                return 'maybe it was, and is among the events that are lost. Say it again, or not.';
            }
        } elseif (($answer->body['code'] ?? '') === 'key-reused') {
            $key = uuid(); // Another text in a form that was used before, by the browser's way back.
        } elseif (actionAfter($answer) === 'stop' || $try === TRIES || $answer->retryAfter > 1) {
            return detail($answer);
        } else {
            $isInDoubt = true;
        }
        usleep(random_int(0, 200_000 * 2 ** $try));
    }
}

/** Out of the room; the form to join says why. */
function forget(?string $why = null): void
{
    $_SESSION = ['csrf' => $_SESSION['csrf'], 'notice' => $why];
}

/** Others' text for HTML. Marks of direction end with their element, by `dir=auto`. */
function html(?string $text): string
{
    return htmlspecialchars((string) $text, ENT_QUOTES | ENT_SUBSTITUTE, 'UTF-8');
}

session_start([
    'use_strict_mode' => true,
    'cookie_httponly' => true,
    'cookie_samesite' => 'Lax',
    'cookie_secure' => !empty($_SERVER['HTTPS']),
]);
$_SESSION['csrf'] ??= bin2hex(random_bytes(16));
header("Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'; form-action 'self'; "
    . "frame-ancestors 'self'; base-uri 'none'");
header('X-Content-Type-Options: nosniff');

if ($_SERVER['REQUEST_METHOD'] === 'POST') {
    $field = fn (string $name): string => is_string($_POST[$name] ?? null) ? $_POST[$name] : '';
    if (!hash_equals($_SESSION['csrf'], $field('csrf'))) {
        http_response_code(403);
        exit('This form is too old. Go back and load the page anew.');
    }
    switch ($field('do')) {
        case 'join':
            session_regenerate_id(true);
            $answer = enter($field('name'));
            if (actionAfter($answer) !== 'none') {
                $_SESSION['notice'] = detail($answer);
            }
            break;
        case 'say':
            $text = $field('message');
            if (!isset($_SESSION['cookie']) || trim($text) === '') {
                break;
            }
            $trouble = say($text, $field('key'));
            // What was not said is in the form again, with its key: sent once more, it is still said once.
            $_SESSION['draft'] = $trouble === null ? null : ['text' => $text, 'key' => $field('key'), 'why' => $trouble];
            break;
        case 'leave':
            // Whoever cannot wait goes: the session expires.
            for ($try = 1; $try <= TRIES && actionAfter(ask('DELETE')) === 'retry'; $try++) {
                usleep(random_int(0, 200_000 * 2 ** $try));
            }
            forget('You have left.');
            break;
    }
    // A reload sends nothing again. Without the path as it came: one that begins with two slashes would be another host.
    header('Location: ?', true, 303);
    exit;
}

$isInside = isset($_SESSION['cookie']);
$isLog = ($_GET['view'] ?? '') === 'log';
$trouble = $isInside && $isLog ? update() : null;
if ($trouble !== null && actionAfter($trouble) !== 'retry') {
    forget('You are out of the room. ' . detail($trouble));
    $isInside = false;
}
$seconds = REFRESH_SECONDS + ($trouble === null ? 0 : $trouble->retryAfter + random_int(0, 5));
$csrf = '<input type="hidden" name="csrf" value="' . html($_SESSION['csrf']) . '">';
$draft = $_SESSION['draft'] ?? ['text' => '', 'key' => uuid(), 'why' => null];
?>
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title><?= html($room) ?></title>
<style>
  body { font: 1rem/1.5 system-ui, sans-serif; max-width: 45rem; margin: 0 auto; padding: 1rem; color: #1b1b1f; background: #fff }
  iframe { width: 100%; height: 60vh; border: 1px solid #767680; border-radius: .5rem }
  form { display: flex; gap: .5rem; margin-block: .75rem } label { flex: 1 } input[name] { width: 100%; box-sizing: border-box }
  input, button { font: inherit; padding: .4rem .7rem }
  .log { padding: 0 1rem } .log p { margin: .25rem 0 .25rem 1rem; text-indent: -1rem; white-space: pre-wrap; overflow-wrap: anywhere }
  .join, .leave, .gap, .gone span, time { color: #5b5b66 } .gone span { font-style: italic } .announcement { background: #eef2f7 }
  .notice { color: #9a1b1b }
</style>
<?php if ($isLog && $isInside): ?>
<meta http-equiv="refresh" content="<?= $seconds ?>;url=?view=log&amp;again=<?= mt_rand() ?>#end">
<body class="log">
<?php foreach ($_SESSION['log'] as $line): ?>
<p class="<?= html($line['type']) ?>"><?php if (isset($line['name'])): ?><time><?= date('H:i', $line['at']) ?></time> <b dir="auto"><?= html($line['name']) ?></b> <?php endif ?><span dir="auto"><?= html($line['text']) ?></span></p>
<?php endforeach ?>
<?php if ($trouble !== null): ?><p class="notice"><?= html(detail($trouble)) ?> Trying again.</p><?php endif ?>
<p id="end">Here: <?= html(implode(', ', array_map('strval', array_keys($_SESSION['users'])))) ?></p>
<?php elseif ($isLog): ?>
<body class="log">
<p class="notice"><?= html($_SESSION['notice'] ?? 'You are not in the room.') ?> <a href="?" target="_top">Join</a></p>
<?php elseif ($isInside): ?>
<h1><?= html($room) ?></h1>
<iframe src="?view=log&amp;again=<?= mt_rand() ?>#end" title="What is said"></iframe>
<?php if ($draft['why'] !== null): ?><p class="notice" role="alert">Not said: <?= html($draft['why']) ?></p><?php endif ?>
<form method="post"><?= $csrf ?>
  <input type="hidden" name="key" value="<?= html($draft['key']) ?>">
  <label><input name="message" value="<?= html($draft['text']) ?>" aria-label="Message" placeholder="<?= html($_SESSION['name']) ?> says…" autocomplete="off" autofocus></label>
  <button name="do" value="say">Say</button> <button name="do" value="leave">Leave</button>
</form>
<?php else: ?>
<h1><?= html($room) ?></h1>
<?php if (isset($_SESSION['notice'])): ?><p class="notice" role="alert"><?= html($_SESSION['notice']) ?></p><?php endif ?>
<form method="post"><?= $csrf ?>
  <label><input name="name" aria-label="Your name" placeholder="Your name" required autofocus></label>
  <button name="do" value="join">Join</button>
</form>
<?php unset($_SESSION['notice']); endif ?>
