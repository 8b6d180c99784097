/** Carries out what is asked for, then keeps and publishes what has changed. */

import type { Bounds } from './bounds.ts';

export function ending({ batchesMs }: Pick<Bounds, 'batchesMs'>): string {
  return `
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
  call('PEXPIRE', BATCHES, ${batchesMs})
end
if #events > 0 or #endings > 0 or isNew then
  call('PUBLISH', CHANNEL, cjson.encode({epoch = epoch, pub = int(pub), events = events, endings = endings}))
end
return answer
`;
}
