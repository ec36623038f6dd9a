-- Words of commands and their replies; the twin of script/native/call.cc and script/semantics/adapt.cc.

--- word
-- A value as a word of a command.
local function word(v, command)
  local t = type(v)
  if t == "string" then return v end
  if t == "number" then return text(v) end
  fail("ERR " .. command .. ": a word must be number or bytes, not " .. kind(v))
end

--- spread
-- Adds the items of a list, or the keys and values of a dict, to the words of a command.
local function spread(words, v, command)
  if type(v) == "table" and v.n then
    for i = 1, v.n do words[#words + 1] = word(v[i], command) end
  elseif type(v) == "table" and v.c then
    local keys = sorted_keys(v)
    for i = 1, keys.n do
      local item = word(v.d[keys[i]], command)
      words[#words + 1] = keys[i]
      words[#words + 1] = item
    end
  else
    fail("ERR " .. command .. ": Spread needs list or dict, not " .. kind(v))
  end
end

--- few
local function few(words)
  if #words > 7001 then fail("ERR " .. words[1] .. ": too many words") end
  return words
end

--- each
-- The operand of a loop.
local function each(v)
  if type(v) ~= "table" or not v.n then fail("ERR for: needs list, not " .. kind(v)) end
  return v
end

--- bound
local function bound(v)
  if type(v) ~= "number" then fail("ERR for: needs number, not " .. kind(v)) end
  return v
end

--- reply_raw
-- A reply as RESP2 has it; see script/semantics/adapt.h.
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

--- as_number
local function as_number(v)
  if type(v) ~= "string" then return v end
  if v == "inf" then return math.huge end
  if v == "-inf" then return -math.huge end
  return tonumber(v) or v
end

--- as_bool
local function as_bool(v)
  if type(v) == "number" then return v ~= 0 end
  return v ~= None
end

--- as_same
local function as_same(v)
  return v
end

--- map_items
local function map_items(v, f)
  local list = {n = v.n or 0}
  for i = 1, list.n do list[i] = f(v[i]) end
  return list
end

--- couples
local function couples(v, second)
  local list = {n = 0}
  if type(v[1]) == "table" and v[1].n then
    return map_items(v, function(pair) return {pair[1], second(pair[2]), n = 2} end)
  end
  for i = 1, (v.n or 0) - 1, 2 do
    list.n = list.n + 1
    list[list.n] = {v[i], second(v[i + 1]), n = 2}
  end
  return list
end

--- stream_entries
local function stream_entries(v)
  return map_items(v, function(entry)
    if entry == None then return None end
    local fields = entry[2]
    if fields ~= None then fields = couples(fields, as_same) end
    return {entry[1], fields, n = 2}
  end)
end

--- reply_bool
local function reply_bool(v)
  return as_bool(reply_raw(v))
end

--- reply_number
local function reply_number(v)
  return as_number(reply_raw(v))
end

--- reply_sorted
local function reply_sorted(v)
  local list = reply_raw(v)
  if list == None then return {n = 0} end
  table.sort(list, less)
  return list
end

--- dict_of_couples
local function dict_of_couples(list)
  local dict = {c = 0, d = {}}
  if type(list) ~= "table" then return dict end
  for i = 1, (list.n or 0) - 1, 2 do
    if dict.d[list[i]] == nil then dict.c = dict.c + 1 end
    dict.d[list[i]] = list[i + 1]
  end
  return dict
end

--- reply_dict
local function reply_dict(v)
  return dict_of_couples(reply_raw(v))
end

--- reply_pairs
local function reply_pairs(v)
  return couples(reply_raw(v), as_same)
end

--- reply_scores
local function reply_scores(v)
  return couples(reply_raw(v), as_number)
end

--- reply_numbers
local function reply_numbers(v)
  return map_items(reply_raw(v), as_number)
end

--- reply_bools
local function reply_bools(v)
  return map_items(reply_raw(v), as_bool)
end

--- reply_popped
local function reply_popped(v)
  local list = reply_raw(v)
  if list == None then return None end
  return {list[1], couples(list[2], as_number), n = 2}
end

--- reply_entries
local function reply_entries(v)
  return stream_entries(reply_raw(v))
end

--- reply_streams
local function reply_streams(v)
  local list, dict = reply_raw(v), {c = 0, d = {}}
  if list == None then return None end
  for i = 1, list.n do
    if dict.d[list[i][1]] == nil then dict.c = dict.c + 1 end
    dict.d[list[i][1]] = stream_entries(list[i][2])
  end
  return dict
end

--- reply_positions
local function reply_positions(v)
  return map_items(reply_raw(v), function(place)
    if place == None then return None end
    return map_items(place, as_number)
  end)
end

--- with
-- The list with item i changed by f, if there is one.
local function with(list, i, f)
  if list == None or not list.n then return list end
  if i <= list.n then list[i] = f(list[i]) end
  return list
end

--- reply_reals
local function reply_reals(v)
  local list = reply_raw(v)
  if type(list) ~= "table" or list == None or list.n == 0 then return list end
  return with(list, list.n, as_number)
end

--- reply_scanned
local function reply_scanned(v)
  return with(reply_raw(v), 2, function(items) return couples(items, as_same) end)
end

--- reply_hits
local function reply_hits(v)
  local list = reply_raw(v)
  if type(list) ~= "table" or list == None then return list end
  return map_items(list, function(hit)
    if type(hit) ~= "table" or hit == None then return hit end
    for i = 2, hit.n do
      hit[i] = type(hit[i]) == "table" and hit[i] ~= None and map_items(hit[i], as_number) or as_number(hit[i])
    end
    return hit
  end)
end

--- reply_autoclaimed
local function reply_autoclaimed(v)
  return with(reply_raw(v), 2, stream_entries)
end

--- reply_pending
local function reply_pending(v)
  local list = reply_raw(v)
  if list == None or list.n ~= 4 or type(list[1]) ~= "number" or list[4] == None then return list end
  return with(list, 4, function(items) return couples(items, as_number) end)
end

--- reply_dicts
local function reply_dicts(v)
  return map_items(reply_raw(v), dict_of_couples)
end
