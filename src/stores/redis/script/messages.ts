/** What is said, and taken back. */

import type { Bounds } from './bounds.ts';

export function messages({ keysPerSession }: Pick<Bounds, 'keysPerSession'>): string {
  return `
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
`;
}
