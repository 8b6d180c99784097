/** The event log: what is added, and what is no longer kept. */

export const log = `
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
`;
