-- Plays a plan file for wrk: one request a line, picked at random, its answers counted by wrk itself.
--
-- Arguments after `--`: METHOD PLAN SEED. A plan line is PATH, TOKEN and BODY, separated by tabs (token and body may be
-- empty). In a body, `@@` becomes a 9-digit number that never repeats (SEED, 1 to 9, is its first digit) and `##` a random 6-digit number. Both have
-- a fixed width, so everything but those digits is built once, before the clock starts.

local plan, next_number = {}, nil

local function split_tabs(line)
  return line:match("^([^\t]*)\t([^\t]*)\t(.*)$")
end

-- The body's literal pieces with a marker (1: counter, 2: random) between them.
local function split_body(body)
  local parts, from = {}, 1
  while true do
    local at, stop = body:find("[@#][@#]", from)
    if not at then break end
    parts[#parts + 1] = body:sub(from, at - 1)
    parts[#parts + 1] = body:sub(at, stop) == "@@" and 1 or 2
    from = stop + 1
  end
  parts[#parts + 1] = body:sub(from)
  return parts
end

local function fill(parts)
  local out = {}
  for i = 1, #parts do
    local part = parts[i]
    if part == 1 then
      next_number = next_number + 1
      out[i] = next_number
    elseif part == 2 then
      out[i] = math.random(100000, 999999)
    else
      out[i] = part
    end
  end
  return table.concat(out)
end

local function head(method, path, token, body_length)
  local lines = { method .. " " .. path .. " HTTP/1.1", "Host: " .. wrk.headers["Host"] }
  if token ~= "" then lines[#lines + 1] = "Authorization: " .. token end
  if body_length > 0 then
    lines[#lines + 1] = "Content-Type: application/json"
    lines[#lines + 1] = "Content-Length: " .. body_length
  end
  return table.concat(lines, "\r\n") .. "\r\n\r\n"
end

function init(args)
  local method, file, seed = args[1], args[2], tonumber(args[3])
  math.randomseed(seed)
  next_number = seed * 100000000
  for line in io.lines(file) do
    local path, token, body = split_tabs(line)
    local parts = split_body(body)
    local start = head(method, path, token, #fill(parts))
    if #parts == 1 then
      plan[#plan + 1] = start .. body
    else
      parts[1] = start .. parts[1]
      plan[#plan + 1] = parts
    end
  end
end

function request()
  local one = plan[math.random(#plan)]
  if type(one) == "string" then return one end
  return fill(one)
end

function done(summary, latency, requests)
  local e = summary.errors
  io.write(string.format(
    '\nRESULT {"requests":%d,"micros":%d,"p50":%d,"p99":%d,"max":%d,"status":%d,"connect":%d,"read":%d,"write":%d,"timeout":%d}\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), latency.max,
    e.status, e.connect, e.read, e.write, e.timeout))
end
