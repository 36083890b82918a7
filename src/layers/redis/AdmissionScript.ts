/**
 * A log of admissions for each key: a list of the times, in microseconds of the server's clock, newest first. Its
 * length is what has been spent, and its tail the exact time at which a place comes free. A list beats a sorted set
 * (10 bytes an admission instead of 60, and no names to make up), and counters a slot are not exact.
 *
 * What has expired is found in steps that double, and cut off at once: a log of a million costs forty look-ups. Denied
 * requests write nothing, and a count of 0 not even what has expired, as who looks may have another window in mind.
 * Every log has the time to live of its newest entry; that is set before the first write too, where it does nothing but
 * fail for a role that may not set it. A key of another type is nobody's log, and makes room for one. A log from
 * further ahead than its window was written by a clock that was wrong.
 *
 * Arguments: the latest time at which the caller still waits (0: not known), then for each run of keys under one policy
 * its limit, window, cost and length, and a count for each of its keys. Most calls are one run, and arguments are what
 * many keys cost. Reply: the time, then what was used, admitted, microseconds to reset and to retry for each key; the
 * time alone if it came too late, as its caller has decided otherwise by then and must not be counted twice.
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
