-- Arguments and results; the twin of script/semantics/codec.cc.

--- put
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

--- encode
-- The result of the script in the form of EncodeValue.
local function encode(v)
  local out = {}
  put(out, v, 0)
  return table.concat(out)
end

--- take
-- Reads one encoded value at i; returns it and the place behind it.
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

--- decode
-- An argument of the script.
local function decode(s)
  return (take(s, 1, 0))
end

