-- What generated scripts are made of. The compiler copies the parts that a script uses, in the order of the files base,
-- json, codec, replies, scalars, containers; a part begins with a line "--- name". Parts named op_NAME are the operations
-- of ops.def, twins of the functions in script/semantics/ops.cc; the line "--@check" becomes the checks of the kinds of
-- their arguments.
--
--   None    the table None        number  number       list  {first, second, ..., n = length}
--   bool    boolean               bytes   string       dict  {d = {key = value}, c = count}
--
-- Nothing depends on the order of pairs(), on the server's locale, or on its own printing of numbers.

--- None
local None = {}

--- kind
local function kind(v)
  local t = type(v)
  if t == "string" then return "bytes" end
  if t == "boolean" then return "bool" end
  if t ~= "table" then return t end
  if v.n then return "list" end
  if v.c then return "dict" end
  return "none"
end

--- fail
-- Ends the script. A server names the line that calls error, which is this one; so the line of the script's statement,
-- the innermost one behind the prelude, is added to the text.
local function fail(message)
  for level = 1, 100 do
    local _, at = pcall(error, "", level)
    local line = tonumber(string.match(at, ":(%d+):"))
    if line and line >= FIRST_LINE then error({err = message .. " (line " .. line .. ")"}) end
  end
  error({err = message})
end

--- levels
local levels = 0

--- enter
-- A call of a function that may call itself begins, ends; see kMaxLevels.
local function enter(weight)
  levels = levels + weight
  if levels > 3000 then fail("ERR call: functions call each other too deeply") end
end

--- leave
local function leave(weight, v)
  levels = levels - weight
  return v
end

--- bad_kind
local function bad_kind(op, i, wanted, v)
  fail("ERR " .. op .. ": argument " .. i .. " must be " .. wanted .. ", not " .. kind(v))
end

--- text
-- The text of a number.
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

--- less
-- The order of two strings by their bytes; < would ask the locale.
local function less(a, b)
  local n = math.min(#a, #b)
  for i = 1, n do
    local x, y = string.byte(a, i), string.byte(b, i)
    if x ~= y then return x < y end
  end
  return #a < #b
end

--- truth
local function truth(v)
  if v == true then return true end
  if v == false or v == None or v == 0 or v == "" then return false end
  if type(v) == "table" then return (v.n or v.c) ~= 0 end
  return true
end

--- sorted_keys
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

--- dict_key
-- The key that a value names in a dict.
local function dict_key(op, key)
  if type(key) == "string" then return key end
  if type(key) == "number" then return text(key) end
  fail("ERR " .. op .. ": a key must be bytes or number")
end

--- position
-- The 0-based place of an index in something of that size, perhaps beyond its end; nil if it lies before the beginning.
local function position(op, i, size)
  if i % 1 ~= 0 then fail("ERR " .. op .. ": an index must be an integer") end
  if i < 0 then i = i + size end
  if i < 0 then return nil end
  return i
end

--- cut
local function cut(op, i, size)
  return math.min(position(op, i, size) or 0, size)
end

--- reaches
-- Whether `wanted` is v or inside of it: 1 if so, 2 if that lies too deep to tell, else 0.
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

--- may_store
local function may_store(op, container, item)
  if type(item) ~= "table" or item == None then return end
  local found = reaches(item, container, {}, 0)
  if found == 1 then fail("ERR " .. op .. ": a container cannot contain itself") end
  if found == 2 then fail("ERR " .. op .. ": nested too deeply") end
end

--- equal
local function equal(a, b, depth)
  if a == b then return true end
  if type(a) ~= "table" or type(b) ~= "table" then return false end
  if a.n then
    if not b.n then return false end
    if depth == 128 then fail("ERR eq: nested too deeply") end
    if a.n ~= b.n then return false end
    for i = 1, a.n do
      if not equal(a[i], b[i], depth + 1) then return false end
    end
    return true
  end
  if not a.c or not b.c then return false end
  if depth == 128 then fail("ERR eq: nested too deeply") end
  if a.c ~= b.c then return false end
  local keys = sorted_keys(a)
  for i = 1, keys.n do
    local other = b.d[keys[i]]
    if other == nil or not equal(a.d[keys[i]], other, depth + 1) then return false end
  end
  return true
end

--- order
-- -1, 0 or 1 for two numbers or two strings; nil if one is nan.
local function order(op, a, b)
  if type(a) ~= type(b) then fail("ERR " .. op .. ": cannot order " .. kind(a) .. " and " .. kind(b)) end
  if a == b then return 0 end
  if type(a) == "string" then return less(a, b) and -1 or 1 end
  if a < b then return -1 end
  if b < a then return 1 end
  return nil
end

