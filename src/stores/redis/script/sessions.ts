/** Sessions: who comes, goes, is taken over, and is known to be there. */

import type { Bounds } from './bounds.ts';

export function sessions({ keysPerSession, endings, endingsMs }: Bounds): string {
  return `
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
`;
}
