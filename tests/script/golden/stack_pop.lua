-- stack_pop
-- keys: size, frames
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
    if line and line >= 149 then error({err = message .. " (line " .. line .. ")"}) end
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
local function order(op, a, b)
  if type(a) ~= type(b) then fail("ERR " .. op .. ": cannot order " .. kind(a) .. " and " .. kind(b)) end
  if a == b then return 0 end
  if type(a) == "string" then return less(a, b) and -1 or 1 end
  if a < b then return -1 end
  if b < a then return 1 end
  return nil
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
local function op_gt(a, b)
  if not (type(a) == "number" or type(a) == "string") then bad_kind("gt", 1, "number or bytes", a) end
  if not (type(b) == "number" or type(b) == "string") then bad_kind("gt", 2, "number or bytes", b) end
  return order("gt", a, b) == 1
end
local function op_default(a, b)
  if a == None then return b end
  return a
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
if #KEYS ~= 2 or #ARGV ~= 0 then fail("ERR script: wrong number of keys or arguments") end
local key_size = KEYS[1]
local key_frames = KEYS[2]
local pos_0 = op_to_num(op_default(reply_raw(redis.call("GET", key_size)), 0))
local res_1 = reply_dict(redis.call("HGETALL", op_concat({key_frames, ":", pos_0, n = 3})))
do local _ = (reply_raw(redis.call("DEL", op_concat({key_frames, ":", pos_0, n = 3}))) ~= 0) end
if op_gt(pos_0, 0) then
  redis.call("INCRBYFLOAT", key_size, "-1")
else
  do local _ = (reply_raw(redis.call("DEL", key_size)) ~= 0) end
end
return encode(res_1)
