-- worker_rescue
-- keys: queue, busy, heartbeat
-- args: priority
local None = {}
local function kind(v)
  local t = type(v)
  if t == "string" then return "bytes" end
  if t == "boolean" then return "bool" end
  if t ~= "table" then return t end
  if v.n then return "list" end
  if v.c then return "dict" end
  return "none"
end
local function fail(message)
  for level = 1, 100 do
    local _, at = pcall(error, "", level)
    local line = tonumber(string.match(at, ":(%d+):"))
    if line and line >= 221 then error({err = message .. " (line " .. line .. ")"}) end
  end
  error({err = message})
end
local function bad_kind(op, i, wanted, v)
  fail("ERR " .. op .. ": argument " .. i .. " must be " .. wanted .. ", not " .. kind(v))
end
local function text(x)
  if x ~= x then return "nan" end
  if x == math.huge then return "inf" end
  if x == -math.huge then return "-inf" end
  if x == 0 then return "0" end
  if x % 1 == 0 and x >= -9007199254740992 and x <= 9007199254740992 then return string.format("%.0f", x) end
  local s = string.format("%.15g", x)
  if tonumber(s) == x then return s end
  s = string.format("%.16g", x)
  if tonumber(s) == x then return s end
  return string.format("%.17g", x)
end
local function less(a, b)
  local n = math.min(#a, #b)
  for i = 1, n do
    local x, y = string.byte(a, i), string.byte(b, i)
    if x ~= y then return x < y end
  end
  return #a < #b
end
local function sorted_keys(dict)
  local keys, n = {}, 0
  for key in pairs(dict.d) do
    n = n + 1
    keys[n] = key
  end
  table.sort(keys, less)
  keys.n = n
  return keys
end
local function dict_key(op, key)
  if type(key) == "string" then return key end
  if type(key) == "number" then return text(key) end
  fail("ERR " .. op .. ": a key must be bytes or number")
end
local function position(op, i, size)
  if i % 1 ~= 0 then fail("ERR " .. op .. ": an index must be an integer") end
  if i < 0 then i = i + size end
  if i < 0 then return nil end
  return i
end
local function reaches(v, wanted, seen, depth)
  if v == wanted then return 1 end
  if seen[v] then return 0 end
  seen[v] = true
  local result = 0
  for _, item in pairs(v.n and v or v.d) do
    if type(item) == "table" and item ~= None then
      local found = 2
      if depth + 1 < 128 then found = reaches(item, wanted, seen, depth + 1) end
      if found == 1 then return 1 end
      if found == 2 then result = 2 end
    end
  end
  return result
end
local function may_store(op, container, item)
  if type(item) ~= "table" or item == None then return end
  local found = reaches(item, container, {}, 0)
  if found == 1 then fail("ERR " .. op .. ": a container cannot contain itself") end
  if found == 2 then fail("ERR " .. op .. ": nested too deeply") end
end
local function put(out, v, depth)
  local t = type(v)
  if t == "string" then
    out[#out + 1] = "s" .. text(#v) .. ":" .. v
  elseif t == "number" then
    out[#out + 1] = "n" .. text(v) .. ";"
  elseif t == "boolean" then
    out[#out + 1] = v and "t" or "f"
  elseif v == None then
    out[#out + 1] = "z"
  else
    if depth == 128 then fail("ERR return: nested too deeply") end
    if v.n then
      out[#out + 1] = "l" .. text(v.n) .. ":"
      for i = 1, v.n do put(out, v[i], depth + 1) end
    else
      local keys = sorted_keys(v)
      out[#out + 1] = "d" .. text(v.c) .. ":"
      for i = 1, keys.n do
        out[#out + 1] = text(#keys[i]) .. ":" .. keys[i]
        put(out, v.d[keys[i]], depth + 1)
      end
    end
  end
end
local function encode(v)
  local out = {}
  put(out, v, 0)
  return table.concat(out)
end
local function take(s, i, depth)
  local tag = string.sub(s, i, i)
  if tag == "z" then return None, i + 1 end
  if tag == "t" then return true, i + 1 end
  if tag == "f" then return false, i + 1 end
  if tag == "n" then
    local digits, after = string.match(s, "^([^;]*);()", i + 1)
    if digits == "inf" then return math.huge, after end
    if digits == "-inf" then return -math.huge, after end
    if digits == "nan" then return math.huge - math.huge, after end
    return tonumber(digits), after
  end
  local size, at = string.match(s, "^(%d+):()", i + 1)
  if not size then fail("ERR script: an argument is not an encoded value") end
  size = tonumber(size)
  if tag == "s" then return string.sub(s, at, at + size - 1), at + size end
  if depth == 128 then fail("ERR script: an argument is nested too deeply") end
  if tag == "l" then
    local list = {n = size}
    for k = 1, size do list[k], at = take(s, at, depth + 1) end
    return list, at
  end
  local dict = {c = size, d = {}}
  for _ = 1, size do
    local length, from = string.match(s, "^(%d+):()", at)
    local key = string.sub(s, from, from + length - 1)
    dict.d[key], at = take(s, from + length, depth + 1)
  end
  return dict, at
end
local function decode(s)
  return (take(s, 1, 0))
end
local function word(v, command)
  local t = type(v)
  if t == "string" then return v end
  if t == "number" then return text(v) end
  fail("ERR " .. command .. ": a word must be number or bytes, not " .. kind(v))
end
local function reply_raw(v)
  local t = type(v)
  if t == "string" then return v end
  if t == "number" then
    if v >= 9007199254740992 or v <= -9007199254740992 then
      fail("ERR script: an integer reply of 2^53 or more cannot be held exactly")
    end
    return v
  end
  if t ~= "table" then return None end
  if v.ok then return v.ok end
  if v.err then fail(v.err) end
  local list = {n = #v}
  for i = 1, list.n do list[i] = reply_raw(v[i]) end
  return list
end
local function dict_of_couples(list)
  local dict = {c = 0, d = {}}
  if type(list) ~= "table" then return dict end
  for i = 1, (list.n or 0) - 1, 2 do
    if dict.d[list[i]] == nil then dict.c = dict.c + 1 end
    dict.d[list[i]] = list[i + 1]
  end
  return dict
end
local function reply_dict(v)
  return dict_of_couples(reply_raw(v))
end
local function op_concat(list)
  for i = 1, list.n do
    if not (type(list[i]) == "number" or type(list[i]) == "string") then bad_kind("concat", i, "number or bytes", list[i]) end
  end
  for i = 1, list.n do
    if type(list[i]) == "number" then list[i] = text(list[i]) end
  end
  return table.concat(list)
end
local function op_at(v, i)
  if not (type(v) == "string" or type(v) == "table" and v.n or type(v) == "table" and v.c) then bad_kind("at", 1, "bytes or list or dict", v) end
  if not (type(i) == "number" or type(i) == "string") then bad_kind("at", 2, "number or bytes", i) end
  if type(v) == "table" and v.c then
    local item = v.d[dict_key("at", i)]
    if item == nil then return None end
    return item
  end
  if type(i) ~= "number" then fail("ERR at: an index must be an integer") end
  local size = v.n or #v
  i = position("at", i, size)
  if not i or i >= size then return None end
  if type(v) == "string" then return string.sub(v, i + 1, i + 1) end
  return v[i + 1]
end
local function op_items(v)
  if not (type(v) == "table" and v.c) then bad_kind("items", 1, "dict", v) end
  local list = sorted_keys(v)
  for i = 1, list.n do list[i] = {list[i], v.d[list[i]], n = 2} end
  return list
end
local function op_append(list, item)
  if not (type(list) == "table" and list.n) then bad_kind("append", 1, "list", list) end
  may_store("append", list, item)
  list.n = list.n + 1
  list[list.n] = item
  return None
end
if #KEYS ~= 3 or #ARGV ~= 1 then fail("ERR script: wrong number of keys or arguments") end
local key_queue = KEYS[1]
local key_busy = KEYS[2]
local key_heartbeat = KEYS[3]
local arg_priority = decode(ARGV[1])
local rescued_0 = {n = 0}
do
  local t1 = op_items(reply_dict(redis.call("HGETALL", key_busy)))
  local t2 = 0
  while t2 < t1.n do
    local i_1 = t2
    local item_2 = t1[t2 + 1]
    t2 = t2 + 1
    repeat
      if (reply_raw(redis.call("EXISTS", op_concat({key_heartbeat, ":", op_at(item_2, 1), n = 3}))) ~= 0) then
        break
      end
      redis.call("HDEL", key_busy, word(op_at(item_2, 0), "HDEL"))
      redis.call("ZADD", key_queue, word(arg_priority, "ZADD"), word(op_at(item_2, 0), "ZADD"))
      op_append(rescued_0, op_at(item_2, 0))
    until true
  end
end
return encode(rescued_0)
