-- The operations on numbers, bytes and values of any kind.

--- op_add
local function op_add(a, b)
  --@check
  return a + b
end

--- op_sub
local function op_sub(a, b)
  --@check
  return a - b
end

--- op_mul
local function op_mul(a, b)
  --@check
  return a * b
end

--- op_div
local function op_div(a, b)
  --@check
  if b == 0 then fail("ERR div: division by zero") end
  return a / b
end

--- op_floordiv
local function op_floordiv(a, b)
  --@check
  if b == 0 then fail("ERR floordiv: division by zero") end
  return math.floor(a / b)
end

--- op_mod
local function op_mod(a, b)
  --@check
  if b == 0 then fail("ERR mod: division by zero") end
  return a - math.floor(a / b) * b
end

--- op_neg
local function op_neg(a)
  --@check
  return -a
end

--- op_floor
local function op_floor(a)
  --@check
  return math.floor(a)
end

--- op_ceil
local function op_ceil(a)
  --@check
  return math.ceil(a)
end

--- op_round
local function op_round(a)
  --@check
  if a < 0 then return math.ceil(a - 0.5) end
  return math.floor(a + 0.5)
end

--- op_abs
local function op_abs(a)
  --@check
  return math.abs(a)
end

--- op_min
local function op_min(a, b)
  --@check
  if order("min", a, b) == 1 then return b end
  return a
end

--- op_max
local function op_max(a, b)
  --@check
  if order("max", a, b) == -1 then return b end
  return a
end

--- op_eq
local function op_eq(a, b)
  return equal(a, b, 0)
end

--- op_ne
local function op_ne(a, b)
  return not equal(a, b, 0)
end

--- op_lt
local function op_lt(a, b)
  --@check
  return order("lt", a, b) == -1
end

--- op_le
local function op_le(a, b)
  --@check
  local c = order("le", a, b)
  return c == -1 or c == 0
end

--- op_gt
local function op_gt(a, b)
  --@check
  return order("gt", a, b) == 1
end

--- op_ge
local function op_ge(a, b)
  --@check
  local c = order("ge", a, b)
  return c == 1 or c == 0
end

--- op_default
local function op_default(a, b)
  if a == None then return b end
  return a
end

--- op_concat
local function op_concat(list)
  --@check
  for i = 1, list.n do
    if type(list[i]) == "number" then list[i] = text(list[i]) end
  end
  return table.concat(list)
end

--- op_to_num
local function op_to_num(v)
  if type(v) == "number" then return v end
  if type(v) ~= "string" then return None end
  if string.find(v, "^[+-]?%d+%.?%d*$") or string.find(v, "^[+-]?%d+%.?%d*[eE][+-]?%d+$") or
     string.find(v, "^[+-]?%.%d+$") or string.find(v, "^[+-]?%.%d+[eE][+-]?%d+$") then
    return tonumber(v)
  end
  if v == "inf" or v == "+inf" then return math.huge end
  if v == "-inf" then return -math.huge end
  return None
end

--- op_to_json
local function op_to_json(v)
  local out = {}
  json_write(out, v, 0)
  return table.concat(out)
end

--- op_to_str
local function op_to_str(v)
  local t = type(v)
  if t == "string" then return v end
  if t == "number" then return text(v) end
  if t == "boolean" then return v and "true" or "false" end
  if v == None then return "None" end
  return op_to_json(v)
end

--- op_to_int_str
local function op_to_int_str(v)
  --@check
  local x = op_to_num(v)
  if x == None then fail("ERR to_int_str: not a number") end
  if x ~= x or x == math.huge or x == -math.huge then fail("ERR to_int_str: not a finite number") end
  if x < 0 then x = math.ceil(x) else x = math.floor(x) end
  if x == 0 then return "0" end
  return string.format("%.0f", x)
end

--- op_type
local function op_type(v)
  return kind(v)
end

--- op_from_json
local function op_from_json(s)
  --@check
  local v, after = json_read(s, string.match(s, "^[ \t\r\n]*()"), 0)
  if after <= #s then not_json() end
  return v
end

--- op_find
local function op_find(s, part, start)
  --@check
  local from = start and position("find", start, #s) or 0
  if from > #s then return None end
  local at = string.find(s, part, from + 1, true)
  return at and at - 1 or None
end

--- op_starts_with
local function op_starts_with(s, part)
  --@check
  return string.sub(s, 1, #part) == part
end

--- op_ends_with
local function op_ends_with(s, part)
  --@check
  return #part <= #s and string.sub(s, #s - #part + 1) == part
end

--- op_upper
local function op_upper(s)
  --@check
  return string.upper(s)
end

--- op_lower
local function op_lower(s)
  --@check
  return string.lower(s)
end

--- op_split
local function op_split(s, separator)
  --@check
  if separator == "" then fail("ERR split: the separator is empty") end
  local list, from = {n = 0}, 1
  while true do
    local at = string.find(s, separator, from, true)
    list.n = list.n + 1
    list[list.n] = string.sub(s, from, at and at - 1 or #s)
    if not at then return list end
    from = at + #separator
  end
end

--- op_join
local function op_join(list, separator)
  --@check
  local parts = {}
  for i = 1, list.n do
    local item = list[i]
    if type(item) == "number" then
      item = text(item)
    elseif type(item) ~= "string" then
      fail("ERR join: an item must be bytes or number")
    end
    parts[i] = item
  end
  return table.concat(parts, separator)
end

--- op_replace
local function op_replace(s, what, with)
  --@check
  if what == "" then fail("ERR replace: nothing to look for") end
  local parts, from = {}, 1
  while true do
    local at = string.find(s, what, from, true)
    parts[#parts + 1] = string.sub(s, from, at and at - 1 or #s)
    if not at then return table.concat(parts, with) end
    from = at + #what
  end
end

--- op_strip
local function op_strip(s)
  --@check
  local from = string.find(s, "[^\t\n\v\f\r ]")
  if not from then return "" end
  local to = #s
  while string.find(string.sub(s, to, to), "[\t\n\v\f\r ]") do to = to - 1 end
  return string.sub(s, from, to)
end

--- op_format
local function op_format(s, list)
  --@check
  local out, i, following = {}, 1, 0
  while true do
    local at = string.find(s, "[{}]", i)
    out[#out + 1] = string.sub(s, i, at and at - 1 or #s)
    if not at then return table.concat(out) end
    local brace = string.sub(s, at, at)
    if string.sub(s, at + 1, at + 1) == brace then
      out[#out + 1] = brace
      i = at + 2
    else
      if brace == "}" then fail("ERR format: a } stands alone") end
      local digits, after = string.match(s, "^([0-9]*)}()", at + 1)
      if not digits or #digits > 6 then fail("ERR format: a { needs } or a number and }") end
      local which = tonumber(digits)
      if not which then
        which = following
        following = following + 1
      end
      if which >= list.n then fail("ERR format: there is no item for a pair of braces") end
      out[#out + 1] = op_to_str(list[which + 1])
      i = after
    end
  end
end

--- frozen
local frozen

--- op_now
local function op_now()
  if not frozen then
    local time = redis.call("TIME")
    frozen = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
  end
  return frozen
end

--- op_log
local function op_log(level, message)
  --@check
  local name = ({debug = "LOG_DEBUG", verbose = "LOG_VERBOSE", notice = "LOG_NOTICE", warning = "LOG_WARNING"})[level]
  if not name then fail("ERR log: the level must be debug, verbose, notice or warning") end
  redis.log(redis[name], word(message, "log"))
  return None
end

--- op_fail
-- What the statement itself raises, so that the server names its line.
local function op_fail(message)
  --@check
  return {err = (string.gsub(message, "[%z\r\n]", " "))}
end

