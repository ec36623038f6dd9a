-- functions
local None = {}
local function fail(message)
  for level = 1, 100 do
    local _, at = pcall(error, "", level)
    local line = tonumber(string.match(at, ":(%d+):"))
    if line and line >= 80 then error({err = message .. " (line " .. line .. ")"}) end
  end
  error({err = message})
end
local levels = 0
local function enter(weight)
  levels = levels + weight
  if levels > 3000 then fail("ERR call: functions call each other too deeply") end
end
local function leave(weight, v)
  levels = levels - weight
  return v
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
if #KEYS ~= 0 or #ARGV ~= 0 then fail("ERR script: wrong number of keys or arguments") end
local fn = {}
function fn.power(base_0, n_1)
  enter(12)
  if (n_1 == 0) then
    return leave(12, 1)
  end
  return leave(12, (base_0 * fn.power(base_0, (n_1 - 1))))
end
return encode(fn.power(2, 10))
