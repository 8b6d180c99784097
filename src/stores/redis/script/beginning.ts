/** What a batch begins with: whether it was carried out before, where the room stands, and whether Redis has lost it. */

export const beginning = `
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
`;
