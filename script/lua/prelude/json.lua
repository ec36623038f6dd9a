-- JSON; the twin of script/semantics/json.cc.

--- json_text
local function json_text(s)
  return '"' .. string.gsub(s, '[%c"\\]', function(c)
    if c == '"' or c == "\\" then return "\\" .. c end
    if c == "\n" then return "\\n" end
    if c == "\r" then return "\\r" end
    if c == "\t" then return "\\t" end
    if c == "\127" then return nil end
    return string.format("\\u%04x", string.byte(c))
  end) .. '"'
end

--- json_write
local function json_write(out, v, depth)
  local t = type(v)
  if t == "string" then
    out[#out + 1] = json_text(v)
  elseif t == "number" then
    if v ~= v or v == math.huge or v == -math.huge then
      fail("ERR to_json: a number that is not finite has no JSON")
    end
    out[#out + 1] = text(v)
  elseif t == "boolean" then
    out[#out + 1] = v and "true" or "false"
  elseif v == None then
    out[#out + 1] = "null"
  else
    if depth == 128 then fail("ERR to_json: nested too deeply") end
    if v.n then
      out[#out + 1] = "["
      for i = 1, v.n do
        if i > 1 then out[#out + 1] = "," end
        json_write(out, v[i], depth + 1)
      end
      out[#out + 1] = "]"
    else
      local keys = sorted_keys(v)
      out[#out + 1] = "{"
      for i = 1, keys.n do
        if i > 1 then out[#out + 1] = "," end
        out[#out + 1] = json_text(keys[i])
        out[#out + 1] = ":"
        json_write(out, v.d[keys[i]], depth + 1)
      end
      out[#out + 1] = "}"
    end
  end
end

--- not_json
local function not_json()
  fail("ERR from_json: not JSON")
end

--- utf8
local function utf8(code)
  local function tail(shift) return 128 + math.floor(code / shift) % 64 end
  if code < 128 then return string.char(code) end
  if code < 2048 then return string.char(192 + math.floor(code / 64), tail(1)) end
  if code < 65536 then return string.char(224 + math.floor(code / 4096), tail(64), tail(1)) end
  return string.char(240 + math.floor(code / 262144), tail(4096), tail(64), tail(1))
end

--- json_escape
-- Reads what follows a backslash; returns the bytes and the place behind.
local function json_escape(s, i)
  local c = string.sub(s, i, i)
  local plain = ({['"'] = '"', ["\\"] = "\\", ["/"] = "/", b = "\b", f = "\f", n = "\n", r = "\r", t = "\t"})[c]
  if plain then return plain, i + 1 end
  local hex = c == "u" and string.match(s, "^%x%x%x%x", i + 1)
  if not hex then not_json() end
  local code = tonumber(hex, 16)
  i = i + 5
  if code >= 55296 and code < 57344 then
    local low = code < 56320 and string.sub(s, i, i + 1) == "\\u" and string.match(s, "^%x%x%x%x", i + 2)
    low = low and tonumber(low, 16)
    if low and low >= 56320 and low < 57344 then
      return utf8(65536 + (code - 55296) * 1024 + low - 56320), i + 6
    end
    code = 65533
  end
  return utf8(code), i
end

--- json_string
-- Reads a string from behind its opening quote.
local function json_string(s, i)
  local parts, from = {}, i
  while true do
    local at = string.find(s, '["\\%c]', i)
    if not at then not_json() end
    local c = string.sub(s, at, at)
    if c == "\127" then
      i = at + 1
    else
      parts[#parts + 1] = string.sub(s, from, at - 1)
      if c == '"' then return table.concat(parts), at + 1 end
      if c ~= "\\" then not_json() end
      parts[#parts + 1], i = json_escape(s, at + 1)
      from = i
    end
  end
end

--- json_read
-- Reads a value; returns it and the place behind it and the blanks that follow.
local function json_read(s, i, depth)
  local function blanks(at) return string.match(s, "^[ \t\r\n]*()", at) end
  local c = string.sub(s, i, i)
  local v
  if c == '"' then
    v, i = json_string(s, i + 1)
  elseif c == "[" or c == "{" then
    if depth == 128 then not_json() end
    local close = c == "[" and "]" or "}"
    v = c == "[" and {n = 0} or {c = 0, d = {}}
    i = blanks(i + 1)
    if string.sub(s, i, i) == close then
      i = i + 1
    else
      while true do
        local key, item
        if v.d then
          if string.sub(s, i, i) ~= '"' then not_json() end
          key, i = json_string(s, i + 1)
          i = blanks(i)
          if string.sub(s, i, i) ~= ":" then not_json() end
          i = blanks(i + 1)
        end
        item, i = json_read(s, i, depth + 1)
        if v.n then
          v.n = v.n + 1
          v[v.n] = item
        else
          if v.d[key] == nil then v.c = v.c + 1 end
          v.d[key] = item
        end
        local next = string.sub(s, i, i)
        i = i + 1
        if next == close then break end
        if next ~= "," then not_json() end
        i = blanks(i)
      end
    end
  elseif string.sub(s, i, i + 3) == "true" then
    v, i = true, i + 4
  elseif string.sub(s, i, i + 4) == "false" then
    v, i = false, i + 5
  elseif string.sub(s, i, i + 3) == "null" then
    v, i = None, i + 4
  else
    local after = string.match(s, "^-?0()", i) or string.match(s, "^-?[1-9]%d*()", i)
    if not after then not_json() end
    after = string.match(s, "^%.%d+()", after) or after
    after = string.match(s, "^[eE][+-]?%d+()", after) or after
    v, i = tonumber(string.sub(s, i, after - 1)), after
  end
  return v, blanks(i)
end

