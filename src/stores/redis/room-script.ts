/**
 * The one script that changes a room: it carries out what an instance asks of the room in one go, so that no crash, no other
 * instance and no repeat ever meets half an operation. Redis 7 or newer.
 *
 * - Ids, timestamps and names are given here only [LOG-1]. The log is a stream whose entry `N-0` is the event `N`; what was
 *   redacted is no longer in the stream but in `redacted`, without its text.
 * - `base` is the last id that is no longer kept, `roster` who was in the room then, with the ids of their joins [LOG-5].
 * - Every publication is numbered (`pub`), so that a reader can prove that it missed none.
 * - An instance says how far it has seen the room: a room that does not know so much has lost data, and goes on in a new
 *   epoch. So does one that comes into being where Redis has lost what was there (`origin`): somebody may have seen it before.
 *   Ids then go on from the time in microseconds since 1970. No room has been given one of them in each microsecond, so that is
 *   behind all that anybody has ever seen, however much more than this instance [LOG-2].
 *   So does one whose numbers are none, or in whose log somebody else wrote behind the head: nothing could follow there.
 * - The answer to each instance's last batch is remembered: a batch that is sent again, because the connection broke before
 *   the answer, has no second effect.
 *
 * Numbers that are not told apart from text by Redis are written out by `int`: up to 2^53 without an exponent.
 */

/** The keys of a room, in the order in which the script wants them; behind them it wants `origin`, which is of all rooms. */
export const roomKeys = [
  'meta',
  'log',
  'roster',
  'redacted',
  'sessions',
  'state',
  'names',
  'tokens',
  'users',
  'touched',
  'positions',
  'keys',
  'endings',
  'ended',
  'batches',
] as const;

/** How many answers to keys are remembered per session; endings per room; and for how long endings are. */
interface Bounds {
  readonly keysPerSession: number;
  readonly endings: number;
  readonly endingsMs: number;
}

export function roomScript({ keysPerSession, endings, endingsMs }: Bounds): string {
  return `
local META, LOG, ROSTER, REDACTED, SESSIONS, STATE, NAMES, TOKENS, USERS, TOUCHED, POSITIONS, ANSWERS, ENDINGS, ENDED, BATCHES, ORIGIN =
  unpack(KEYS)
local CHANNEL, INSTANCE, BATCH, SEEN_EPOCH, NEW_EPOCH = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[6]
local SEEN_HEAD, MAX_EVENTS, MAX_BYTES = tonumber(ARGV[5]), tonumber(ARGV[7]), tonumber(ARGV[8])
local call = redis.call

local function int(number) return string.format('%.0f', number) end

local repeated = call('HGET', BATCHES, INSTANCE)
if repeated then
  local last = cmsgpack.unpack(repeated)
  if last[1] == BATCH then return last[2] end
end

local clock = call('TIME')
local now = tonumber(clock[1]) * 1000 + math.floor(tonumber(clock[2]) / 1000)
local meta = call('HMGET', META, 'epoch', 'head', 'time', 'base', 'bytes', 'pub', 'start')
local epoch = meta[1]
local isDamaged = epoch and not string.match(epoch, '^%w+$')
for i = 2, 7 do
  local number = tonumber(meta[i] or 0)
  -- Written by somebody else: what cannot be counted on from is as good as lost.
  if not number or not (number >= 0 and number <= 2 ^ 53) or number % 1 ~= 0 then
    number, isDamaged = 0, true
  end
  meta[i] = number
end
local head, time, base, bytes, pub, start = unpack(meta, 2, 7)
isDamaged = isDamaged or base > head
local events, endings = {}, {}
local isChanged, isNew = false, false

-- A session's changing half: {tokenHash, nameKey, name, nameBytes, user, joined, createKey, startEpoch, startId, delivery, holder}.
local function stateOf(id)
  local packed = id and call('HGET', STATE, id)
  return packed and cmsgpack.unpack(packed)
end

local function putState(id, state)
  call('HSET', STATE, id, cmsgpack.pack(state))
  isChanged = true
end

local function begin(hasLost)
  epoch = NEW_EPOCH
  if hasLost then head = math.max(head, SEEN_HEAD, tonumber(clock[1]) * 1000000 + tonumber(clock[2])) end
  start, base, bytes, isNew = head, head, 0, true
  call('DEL', LOG, ROSTER, REDACTED)
  for _, packed in ipairs(call('HVALS', STATE)) do
    local state = cmsgpack.unpack(packed)
    if state[6] then call('ZADD', ROSTER, int(head), state[3]) end
  end
end

-- Of which epoch it is does not matter: it began without knowing what this instance has seen.
if isDamaged or (SEEN_EPOCH ~= '' and (not epoch or head < SEEN_HEAD)) then
  if epoch then call('SET', ORIGIN, 'lost') else call('SET', ORIGIN, 'lost', 'NX') end
  begin(true)
end

local function ensure()
  if not epoch then begin(call('SET', ORIGIN, 'lost', 'NX', 'GET') ~= 'fresh') end
end

local function fieldsOf(list)
  local fields = {}
  for i = 1, #list, 2 do fields[list[i]] = list[i + 1] end
  return fields
end

local function entryOf(id)
  local entry = call('XRANGE', LOG, int(id) .. '-0', int(id) .. '-0')[1]
  if entry then return entry[2], false end
  local packed = call('HGET', REDACTED, int(id))
  if packed then return cjson.decode(packed), true end
end

local function dropOldest()
  local id = base + 1
  local list, wasRedacted = entryOf(id)
  if list then
    local fields = fieldsOf(list)
    if fields.type == 'join' then call('ZADD', ROSTER, int(id), fields.name) end
    if fields.type == 'leave' then call('ZREM', ROSTER, fields.name) end
    bytes = bytes - (tonumber(fields.size) or 0)
    if wasRedacted then call('HDEL', REDACTED, int(id)) else call('XDEL', LOG, int(id) .. '-0') end
  end
  base = id
  isChanged = true
  if base == head then bytes = 0 end
end

local function trim(limit)
  for _ = 1, limit do
    if head - base <= MAX_EVENTS and (bytes <= MAX_BYTES or head == base) then return end
    dropOldest()
  end
end

-- size: bytes of the event as JSON, without its id and timestamp.
local function add(kind, size, fields)
  if now > time then time = now end
  local id, at = int(head + 1), int(time)
  local whole = size + #id + #at
  local list = {'type', kind, 'time', at, 'size', int(whole)}
  for i = 1, #fields do list[#list + 1] = fields[i] end
  local refusal = redis.pcall('XADD', LOG, id .. '-0', unpack(list)).err
  if refusal then
    -- Somebody else wrote behind the head, or in the log's place: Redis would refuse for ever what comes now.
    if not string.find(refusal, 'equal or smaller') and not string.find(refusal, 'WRONGTYPE') then error({err = refusal}) end
    begin()
    return add(kind, size, fields)
  end
  head = head + 1
  bytes = bytes + whole
  events[#events + 1] = {id, list}
  isChanged = true
  trim(16)
  return id, at
end

local function join(state) add('join', 44 + state[4], {'name', state[3]}) end
local function leave(state) add('leave', 45 + state[4], {'name', state[3]}) end

local function forgetAnswers(id)
  local count = call('HGET', ANSWERS, id .. '#')
  if not count then return end
  local slots = {}
  for slot = 0, math.min(tonumber(count), ${keysPerSession}) - 1 do slots[#slots + 1] = id .. '#' .. slot end
  local keys = call('HMGET', ANSWERS, unpack(slots))
  for i = 1, #slots do call('HDEL', ANSWERS, slots[i], id .. ':' .. keys[i]) end
  call('HDEL', ANSWERS, id .. '#')
end

local function drop(id, state, reason, detail)
  call('HDEL', SESSIONS, id, id .. '#user')
  call('HDEL', STATE, id)
  call('HDEL', NAMES, state[2])
  call('HDEL', TOKENS, state[1])
  if state[5] then call('HDEL', USERS, state[5]) end
  call('ZREM', TOUCHED, id)
  call('HDEL', POSITIONS, id)
  forgetAnswers(id)
  local entry = call('XADD', ENDINGS, '*', 'id', id, 'reason', reason, 'detail', detail or '', 'token', state[1])
  call('HSET', ENDED, state[1], cjson.encode({reason, detail or ''}))
  endings[#endings + 1] = {entry, id, reason, detail or ''}
  isChanged = true
end

local function forgetEndings()
  for _, entry in ipairs(call('XRANGE', ENDINGS, '-', '+', 'COUNT', 4)) do
    local at = tonumber(string.match(entry[1], '^%d+'))
    if now - at < ${endingsMs} and call('XLEN', ENDINGS) <= ${endings} then return end
    call('XDEL', ENDINGS, entry[1])
    call('HDEL', ENDED, fieldsOf(entry[2]).token)
    isChanged = true
  end
end

local function put(id, static, user, state)
  call('HSET', SESSIONS, id, static, id .. '#user', user)
  call('HSET', NAMES, state[2], id)
  call('HSET', TOKENS, state[1], id)
  if state[5] then call('HSET', USERS, state[5], id) end
  call('ZADD', TOUCHED, now, id)
  putState(id, state)
end

local function recordOf(id, state)
  return {
    call('HGET', SESSIONS, id),
    state[1],
    state[6] and '1' or '',
    state[7] or '',
    state[8],
    int(state[9]),
    call('HGET', POSITIONS, id) or '',
    id,
    call('HGET', SESSIONS, id .. '#user'),
  }
end

local run = {}

function run.open(id, static, userJson, tokenHash, nameKey, name, nameBytes, user, createKey, joins, maxMembers, delivery)
  ensure()
  user = user ~= '' and user
  createKey = createKey ~= '' and createKey
  local holderId = call('HGET', NAMES, nameKey)
  local holder = stateOf(holderId)
  if holder and createKey and holder[7] == createKey and holder[5] == user then
    call('HDEL', TOKENS, holder[1])
    holder[1] = tokenHash
    call('HSET', TOKENS, tokenHash, holderId)
    if holder[11] ~= INSTANCE then holder[11] = '*' end
    call('HSET', SESSIONS, holderId .. '#user', userJson)
    putState(holderId, holder)
    return {'reopened', recordOf(holderId, holder)}
  end
  local previousId = user and call('HGET', USERS, user)
  local previous = stateOf(previousId)
  if holder and holderId ~= previousId then return {'name-in-use'} end
  if not previous and call('HLEN', STATE) >= tonumber(maxMembers) then return {'room-full'} end
  local startId = head
  local wasJoined = previous and previous[6]
  local passesOn = wasJoined and previous[3] == name
  if previous then drop(previousId, previous, 'taken-over') end
  if wasJoined and not passesOn then leave(previous) end
  local isJoined = joins == '1' or wasJoined or false
  local state = {
    tokenHash, nameKey, name, tonumber(nameBytes), user, isJoined, createKey, epoch, startId, delivery, INSTANCE
  }
  if isJoined and not passesOn then join(state) end
  put(id, static, userJson, state)
  return {'opened', recordOf(id, state), previous and previousId or ''}
end

function run.join(id)
  local state = stateOf(id)
  if not state then return '' end
  if not state[6] then
    state[6] = true
    putState(id, state)
    call('ZADD', TOUCHED, now, id)
    join(state)
  end
  return '1'
end

function run.close(id, reason, detail)
  local state = stateOf(id)
  if state then
    drop(id, state, reason, detail)
    if state[6] then leave(state) end
  end
  return ''
end

function run.append(id, message, messageBytes, key, textHash, isRepeatOnly)
  local state = stateOf(id)
  if not state then return {'session-gone'} end
  if not state[6] then return {'not-joined'} end
  local size = 60 + state[4] + tonumber(messageBytes)
  if key == '' then
    return {'appended', add('message', size, {'name', state[3], 'message', message, 'text', messageBytes})}
  end
  local known = call('HGET', ANSWERS, id .. ':' .. key)
  if known then
    local answer = cmsgpack.unpack(known)
    if answer[1] ~= '' and answer[1] ~= textHash then return {'key-reused'} end
    return {'repeated', answer[2], answer[3]}
  end
  if isRepeatOnly == '1' then return {'unknown-key'} end
  local fields = {'name', state[3], 'message', message, 'text', messageBytes, 'key', key}
  local event, at = add('message', size + 9 + #key, fields)
  local slot = id .. '#' .. ((call('HINCRBY', ANSWERS, id .. '#', 1) - 1) % ${keysPerSession})
  local oldest = call('HGET', ANSWERS, slot)
  if oldest then call('HDEL', ANSWERS, id .. ':' .. oldest) end
  call('HSET', ANSWERS, slot, key, id .. ':' .. key, cmsgpack.pack({textHash, event, at}))
  return {'appended', event, at}
end

function run.announce(message, messageBytes)
  ensure()
  return {add('announcement', 55 + tonumber(messageBytes), {'message', message, 'text', messageBytes})}
end

-- The answer to a key would tell who guesses what the text was.
local function forgetText(name, key, event)
  local all = call('HGETALL', STATE)
  for i = 1, #all, 2 do
    local field = all[i] .. ':' .. key
    local packed = cmsgpack.unpack(all[i + 1])[3] == name and call('HGET', ANSWERS, field)
    local answer = packed and cmsgpack.unpack(packed)
    if answer and answer[2] == event then
      call('HSET', ANSWERS, field, cmsgpack.pack({'', answer[2], answer[3]}))
      return
    end
  end
end

function run.redact(target)
  local id = tonumber(target)
  if id <= base or id > head then return {'not-kept'} end
  local list, wasRedacted = entryOf(id)
  if not list then return {'not-kept'} end
  local fields = fieldsOf(list)
  if fields.type ~= 'message' and fields.type ~= 'announcement' then return {'no-text'} end
  if wasRedacted then return {'repeated', fields.redaction, fields.redactedAt} end
  if fields.key then forgetText(fields.name, fields.key, target) end
  local size = int(tonumber(fields.size) + 16 - tonumber(fields.text))
  bytes = bytes + tonumber(size) - tonumber(fields.size)
  call('XDEL', LOG, target .. '-0')
  local redaction, at = add('redaction', 49 + #target, {'target', target})
  local rest = {'type', fields.type, 'time', fields.time, 'size', size, 'message', '', 'redaction', redaction, 'redactedAt', at}
  for _, field in ipairs({'name', 'key'}) do
    if fields[field] then
      rest[#rest + 1] = field
      rest[#rest + 1] = fields[field]
    end
  end
  -- It may have been trimmed just now.
  if id > base then call('HSET', REDACTED, target, cjson.encode(rest)) end
  -- It may be said and taken back in one batch.
  for _, event in ipairs(events) do
    if event[1] == target then event[2] = rest end
  end
  return {'redacted', redaction, at}
end

function run.find(tokenHash)
  local id = call('HGET', TOKENS, tokenHash)
  local state = stateOf(id)
  if not state then return {''} end
  if state[6] then call('ZADD', TOUCHED, now, id) end
  if state[11] ~= INSTANCE and state[11] ~= '*' then
    state[11] = '*'
    putState(id, state)
  end
  return {'', recordOf(id, state)}
end

function run.ending(tokenHash)
  return call('HGET', ENDED, tokenHash) or ''
end

function run.touch(id, idleMs)
  local state = stateOf(id)
  if not state then return '' end
  if state[7] then
    state[7] = false
    putState(id, state)
  end
  if state[6] then call('ZADD', TOUCHED, 'GT', int(now - tonumber(idleMs)), id) end
  return ''
end

function run.renew(id, user, userJson)
  local state = stateOf(id)
  if state and state[5] == user then call('HSET', SESSIONS, id .. '#user', userJson) end
  return ''
end

function run.save(id, position)
  if call('HEXISTS', STATE, id) == 1 then call('HSET', POSITIONS, id, position) end
  return ''
end

-- Of one session: whether it is idle, and given to this caller.
function run.expired(id, idleMs, graceMs)
  local at = call('ZSCORE', TOUCHED, id)
  if not at then return '' end
  local state = stateOf(id)
  local limit = tonumber(idleMs)
  -- Another instance may know of later activity.
  if state and state[11] ~= INSTANCE then limit = limit + tonumber(graceMs) end
  if now - tonumber(at) < limit then return '' end
  call('ZADD', TOUCHED, now, id)
  isChanged = true
  return '1'
end

-- Of all sessions, those that are idle and opened with this delivery, if one is named.
function run.sweep(idleMs, delivery, limit)
  local given = {}
  for _, id in ipairs(call('ZRANGEBYSCORE', TOUCHED, '-inf', now - tonumber(idleMs), 'LIMIT', 0, limit)) do
    call('ZADD', TOUCHED, now, id)
    local state = stateOf(id)
    if state and (delivery == '' or state[10] == delivery) then given[#given + 1] = id end
  end
  isChanged = isChanged or #given > 0
  return given
end

-- Which of the sessions are gone.
function run.gone(...)
  local gone = {}
  for _, id in ipairs({...}) do
    if call('HEXISTS', STATE, id) == 0 then gone[#gone + 1] = id end
  end
  return gone
end

function run.trim(ageMs, limit)
  trim(tonumber(limit))
  local horizon = now - tonumber(ageMs)
  for _ = 1, tonumber(limit) do
    if head == base then break end
    local list = entryOf(base + 1)
    if list and tonumber(fieldsOf(list).time) >= horizon then break end
    dropOldest()
  end
  forgetEndings()
  return ''
end

-- Forgets a room that nobody uses, with its epoch, once nobody and nothing is in it.
function run.forget()
  if call('HLEN', STATE) > 0 or head > base then return '' end
  call('DEL', unpack(KEYS, 1, #KEYS - 1))
  return '1'
end

-- Where the log stands: for reading it in pages.
function run.base()
  local last = call('XREVRANGE', ENDINGS, '+', '-', 'COUNT', 1)[1]
  return {int(base), call('ZRANGE', ROSTER, 0, -1), last and last[1] or '0-0', int(start)}
end

function run.load()
  ensure()
  return run.base()
end

local answers = {}
local at = 9
while at <= #ARGV do
  local name, count = ARGV[at], tonumber(ARGV[at + 1])
  answers[#answers + 1] = run[name](unpack(ARGV, at + 2, at + 1 + count))
  at = at + 2 + count
end

if #events > 0 or #endings > 0 or isNew then
  forgetEndings()
  pub = pub + 1
  isChanged = true
end
if call('EXISTS', META) == 1 or isNew then
  if isChanged or isNew then
    call('HSET', META, 'epoch', epoch, 'head', int(head), 'time', int(time), 'base', int(base), 'bytes', int(bytes), 'pub', int(pub), 'start', int(start))
  end
elseif not isNew then
  -- Nothing was ever here, or it has just been forgotten.
  epoch = false
end
local answer = {epoch or '', int(head), int(pub), answers, int(now)}
if isChanged and epoch then
  call('HSET', BATCHES, INSTANCE, cmsgpack.pack({BATCH, answer}))
  call('PEXPIRE', BATCHES, 60000)
end
if #events > 0 or #endings > 0 or isNew then
  call('PUBLISH', CHANNEL, cjson.encode({epoch = epoch, pub = int(pub), events = events, endings = endings}))
end
return answer
`;
}
