/** What nobody asks for: idle sessions, old events, rooms that nothing is left in; and where the log is to be read. */

import type { Bounds } from './bounds.ts';

export function upkeep({ batchesMs }: Pick<Bounds, 'batchesMs'>): string {
  return `
-- Each start of an instance has a name of its own, and a room that is never quiet would remember them all.
local function forgetBatches()
  local all = call('HGETALL', BATCHES)
  for i = 1, #all, 2 do
    local answer = cmsgpack.unpack(all[i + 1])[2]
    if now - tonumber(answer[5]) >= ${batchesMs} then call('HDEL', BATCHES, all[i]) end
  end
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
  forgetBatches()
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
`;
}
