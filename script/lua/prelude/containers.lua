-- The operations on lists, dicts and parts of bytes.

--- op_len
local function op_len(v)
  --@check
  if type(v) == "string" then return #v end
  return v.n or v.c
end

--- op_at
local function op_at(v, i)
  --@check
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

--- op_slice
local function op_slice(v, from, to)
  --@check
  local size = type(v) == "string" and #v or v.n
  from = cut("slice", from, size)
  to = to and cut("slice", to, size) or size
  if type(v) == "string" then return string.sub(v, from + 1, to) end
  local list = {n = math.max(to - from, 0)}
  for i = 1, list.n do list[i] = v[from + i] end
  return list
end

--- op_contains
local function op_contains(v, x)
  --@check
  if type(v) == "string" then
    if type(x) ~= "string" then fail("ERR contains: bytes contain only bytes") end
    return string.find(v, x, 1, true) ~= nil
  end
  if v.c then return v.d[dict_key("contains", x)] ~= nil end
  for i = 1, v.n do
    if equal(v[i], x, 0) then return true end
  end
  return false
end

--- op_dict
local function op_dict(list)
  if list.n % 2 ~= 0 then fail("ERR dict: a key without a value") end
  local dict = {c = 0, d = {}}
  for i = 1, list.n, 2 do
    local key = dict_key("dict", list[i])
    if dict.d[key] == nil then dict.c = dict.c + 1 end
    dict.d[key] = list[i + 1]
  end
  return dict
end

--- op_zip
local function op_zip(keys, values)
  --@check
  if keys.n ~= values.n then fail("ERR zip: the lists differ in length") end
  local dict = {c = 0, d = {}}
  for i = 1, keys.n do
    local key = dict_key("zip", keys[i])
    if dict.d[key] == nil then dict.c = dict.c + 1 end
    dict.d[key] = values[i]
  end
  return dict
end

--- op_chain
local function op_chain(a, b)
  --@check
  local list = {n = a.n + b.n}
  for i = 1, a.n do list[i] = a[i] end
  for i = 1, b.n do list[a.n + i] = b[i] end
  return list
end

--- copy
local function copy(v, depth)
  if type(v) ~= "table" or v == None then return v end
  if depth == 128 then fail("ERR copy: nested too deeply") end
  if v.n then
    local list = {n = v.n}
    for i = 1, v.n do list[i] = copy(v[i], depth + 1) end
    return list
  end
  local dict = {c = v.c, d = {}}
  for key, item in pairs(v.d) do dict.d[key] = copy(item, depth + 1) end
  return dict
end

--- op_copy
local function op_copy(v)
  return copy(v, 0)
end

--- op_reverse
local function op_reverse(v)
  --@check
  local list = {n = v.n}
  for i = 1, v.n do list[i] = v[v.n + 1 - i] end
  return list
end

--- op_sum
local function op_sum(v)
  --@check
  local sum = 0
  for i = 1, v.n do
    if type(v[i]) ~= "number" then fail("ERR sum: an item must be number") end
    sum = sum + v[i]
  end
  return sum
end

--- op_sort
local function op_sort(v)
  --@check
  local list, t = {n = v.n}, type(v[1])
  for i = 1, v.n do
    local item = v[i]
    if type(item) ~= t or t == "table" or t == "boolean" or item ~= item then
      fail("ERR sort: the items must be all numbers or all bytes")
    end
    list[i] = item
  end
  if t == "string" then table.sort(list, less) else table.sort(list) end
  return list
end

--- op_keys
local function op_keys(v)
  --@check
  return sorted_keys(v)
end

--- op_values
local function op_values(v)
  --@check
  local list = sorted_keys(v)
  for i = 1, list.n do list[i] = v.d[list[i]] end
  return list
end

--- op_items
local function op_items(v)
  --@check
  local list = sorted_keys(v)
  for i = 1, list.n do list[i] = {list[i], v.d[list[i]], n = 2} end
  return list
end

--- op_set_at
local function op_set_at(list, i, item)
  --@check
  i = position("set_at", i, list.n)
  if not i or i > list.n then fail("ERR set_at: index out of range") end
  may_store("set_at", list, item)
  list[i + 1] = item
  if i == list.n then list.n = i + 1 end
  return None
end

--- op_set_key
local function op_set_key(dict, key, item)
  --@check
  may_store("set_key", dict, item)
  key = dict_key("set_key", key)
  if dict.d[key] == nil then dict.c = dict.c + 1 end
  dict.d[key] = item
  return None
end

--- op_remove_key
local function op_remove_key(dict, key)
  --@check
  key = dict_key("remove_key", key)
  if dict.d[key] == nil then return false end
  dict.d[key] = nil
  dict.c = dict.c - 1
  return true
end

--- op_append
local function op_append(list, item)
  --@check
  may_store("append", list, item)
  list.n = list.n + 1
  list[list.n] = item
  return None
end

--- op_insert
local function op_insert(list, i, item)
  --@check
  i = position("insert", i, list.n)
  if not i or i > list.n then fail("ERR insert: index out of range") end
  may_store("insert", list, item)
  table.insert(list, i + 1, item)
  list.n = list.n + 1
  return None
end

--- op_pop
local function op_pop(list, i)
  --@check
  i = position("pop", i or -1, list.n)
  if not i or i >= list.n then return None end
  list.n = list.n - 1
  return table.remove(list, i + 1)
end

