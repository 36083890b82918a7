/**
 * Sliding-window log in Redis: each key has a list of its admissions, newest first, in microseconds of the server's
 * clock. A list needs 10 bytes per admission; a sorted set needs 60 and a unique member for each.
 *
 * - Expired entries are found by exponential search and trimmed at once. A log of a million entries takes 40 lookups.
 * - Denied requests write nothing. A count of 0 does not trim either, because its window may be shorter.
 * - A log expires with its newest entry. The expiry is also set before the first write, when it has no effect, so that
 *   a role without the right to set it fails before it counts anything.
 * - A key of another type is replaced. A log that is ahead of the clock by more than its window is discarded, because
 *   it was written with a wrong clock.
 *
 * Arguments: the caller's deadline (0 if unknown), then the runs of keys under one policy. Each run has its limit,
 * window and length, and a count for each key. Reply: the time, then for each key the admissions before the call, the
 * number admitted, and the microseconds to reset and to retry. After the deadline the script counts nothing and replies
 * with the time only, because the caller has already decided in process.
 */
export const admissionScript = `
local time = redis.call('TIME')
local clock = time[1] * 1000000 + time[2]
local reply = { clock }
local deadline = tonumber(ARGV[1])
if deadline > 0 and clock > deadline then return reply end

local at = 1
local function argument()
  at = at + 1
  return tonumber(ARGV[at])
end
local limit, window
local inRun = 0

for _, key in ipairs(KEYS) do
  if inRun == 0 then
    limit, window, inRun = argument(), argument(), argument()
  end
  inRun = inRun - 1
  local count = argument()
  local used = redis.pcall('LLEN', key)
  if type(used) == 'table' then
    if not string.find(used.err, 'WRONGTYPE') then return used end
    redis.call('DEL', key)
    used = 0
  end
  local newest = used > 0 and tonumber(redis.call('LINDEX', key, 0)) or 0
  local now = math.max(clock, newest)
  local horizon = now - window

  if used > 0 and (newest <= horizon or newest > clock + window) then
    if count > 0 then redis.call('DEL', key) end
    used = 0
    now = clock
  elseif used > 0 then
    local expired = 0
    local step = 1
    local function reaches(position)
      return position <= used and tonumber(redis.call('LINDEX', key, -position)) <= horizon
    end
    while reaches(expired + step) do
      expired = expired + step
      step = step * 2
    end
    while step > 1 do
      step = step / 2
      if reaches(expired + step) then expired = expired + step end
    end
    if expired > 0 and count > 0 then redis.call('LTRIM', key, 0, -(expired + 1)) end
    used = used - expired
  end

  local admitted = math.max(0, math.min(count, limit - used))
  local left = admitted
  if left > 0 then
    local entry = string.format('%.0f', now)
    local expiry = math.ceil((now + window) / 1000)
    redis.call('PEXPIREAT', key, expiry)
    while left > 0 do
      local entries = {}
      for position = 1, math.min(left, 1000) do entries[position] = entry end
      redis.call('LPUSH', key, unpack(entries))
      left = left - #entries
    end
    if used == 0 then redis.call('PEXPIREAT', key, expiry) end
    newest = now
  end

  local length = used + admitted
  reply[#reply + 1] = used
  reply[#reply + 1] = admitted
  reply[#reply + 1] = length > 0 and newest + window - clock or 0
  reply[#reply + 1] = admitted < count and tonumber(redis.call('LINDEX', key, limit - 1)) + window - clock or 0
end
return reply
`
