// The library cmsgpack of Redis (lua-cmsgpack 0.4): MessagePack for Lua values, with the same choices.
//
//   nil, booleans            their one byte
//   integral numbers         the shortest integer form
//   other numbers            float if it is exact, else double
//   strings                  the str forms; the bin forms are not read either
//   tables                   an array if the keys are exactly 1..n, else a map; nil below 16 levels
#include <bit>
#include <cmath>
#include <cstring>
#include <exception>
#include <string>

#include "engine/lua/host_state.h"

namespace dualis::lua {
namespace {

constexpr int kMaxNesting = 16;
constexpr int kMaxDepth = 2600;  // of input: where PUC Lua's stack ends
constexpr size_t kKeptScratch = 1 << 20;

// Writes into HostState::scratch, which may throw; calls nothing of Lua that can raise.
struct Packer {
  const LuaApi& api;
  lua_State* L;
  HostState& state;
  std::string& out;

  void Byte(unsigned value) { out.push_back(static_cast<char>(value)); }

  void BigEndian(uint64_t value, int size) {
    for (int shift = 8 * (size - 1); shift >= 0; shift -= 8) Byte(static_cast<unsigned>(value >> shift & 0xff));
  }

  void Integer(int64_t value) {
    if (value >= 0) {
      const auto bits = static_cast<uint64_t>(value);
      if (value <= 127) return Byte(static_cast<unsigned>(value));
      if (value <= 0xff) return Byte(0xcc), BigEndian(bits, 1);
      if (value <= 0xffff) return Byte(0xcd), BigEndian(bits, 2);
      if (value <= 0xffffffff) return Byte(0xce), BigEndian(bits, 4);
      return Byte(0xcf), BigEndian(bits, 8);
    }
    const auto bits = static_cast<uint64_t>(value);
    if (value >= -32) return Byte(static_cast<unsigned>(bits & 0xff));
    if (value >= INT8_MIN) return Byte(0xd0), BigEndian(bits, 1);
    if (value >= INT16_MIN) return Byte(0xd1), BigEndian(bits, 2);
    if (value >= INT32_MIN) return Byte(0xd2), BigEndian(bits, 4);
    return Byte(0xd3), BigEndian(bits, 8);
  }

  void Number(double value) {
    if (value >= -9223372036854775808.0 && value < 9223372036854775808.0 && value == std::trunc(value)) {
      return Integer(static_cast<int64_t>(value));
    }
    if (!(std::abs(value) > 3.5e38) || std::isinf(value)) {
      const auto single = static_cast<float>(value);
      if (static_cast<double>(single) == value) return Byte(0xca), BigEndian(std::bit_cast<uint32_t>(single), 4);
    }
    Byte(0xcb);
    BigEndian(std::bit_cast<uint64_t>(value), 8);
  }

  void String(Bytes text) {
    if (text.size() < 32) {
      Byte(0xa0 | static_cast<unsigned>(text.size()));
    } else if (text.size() <= 0xff) {
      Byte(0xd9), BigEndian(text.size(), 1);
    } else if (text.size() <= 0xffff) {
      Byte(0xda), BigEndian(text.size(), 2);
    } else {
      Byte(0xdb), BigEndian(text.size(), 4);
    }
    out.append(text);
  }

  void Header(size_t count, unsigned fix, unsigned wide) {
    if (count <= 15) {
      Byte(fix | static_cast<unsigned>(count));
    } else if (count <= 0xffff) {
      Byte(wide), BigEndian(count, 2);
    } else {
      Byte(wide + 1), BigEndian(count, 4);
    }
  }

  // Packs the value on top of the stack and pops it. False if the script must end.
  bool Pop(int level) {
    if (!state.Spend(1)) return false;
    bool alive = true;
    switch (api.type(L, -1)) {
      case LUA_TSTRING:
        state.uncounted += api.objlen(L, -1) / 16;
        String(api.tobytes(L, -1));
        break;
      case LUA_TBOOLEAN:
        Byte(api.toboolean(L, -1) ? 0xc3 : 0xc2);
        break;
      case LUA_TNUMBER:
        Number(api.tonumber(L, -1));
        break;
      case LUA_TTABLE:
        if (level < kMaxNesting) {
          alive = Table(level + 1);
          break;
        }
        [[fallthrough]];
      default:
        Byte(0xc0);
    }
    api.pop(L, 1);
    return alive;
  }

  bool Table(int level) {
    size_t count = 0;
    double highest = 0;
    bool array = true;
    api.pushnil(L);
    while (api.next(L, -2)) {
      api.pop(L, 1);
      ++count;
      const double key = api.type(L, -1) == LUA_TNUMBER ? api.tonumber(L, -1) : 0;
      array = array && key >= 1 && key == std::floor(key);
      highest = std::max(highest, key);
      if (!state.Spend(1)) return false;
    }
    if (array && highest == static_cast<double>(count)) {
      Header(count, 0x90, 0xdc);
      for (size_t i = 1; i <= count; ++i) {
        api.rawgeti(L, -1, static_cast<int>(i));
        if (!Pop(level)) return false;
      }
      return true;
    }
    Header(count, 0x80, 0xde);
    api.pushnil(L);
    while (api.next(L, -2)) {
      api.pushvalue(L, -2);
      if (!Pop(level) || !Pop(level)) return false;
    }
    return true;
  }
};

int Pack(lua_State* L) {
  const LuaApi& api = Api();
  const int count = api.gettop(L);
  if (count == 0) return api.aux_argerror(L, 0, "MessagePack pack needs input.");
  if (!api.checkstack(L, 8 * kMaxNesting)) return api.aux_argerror(L, 0, "Too many arguments for MessagePack pack.");
  HostState& state = StateOf(L);
  if (state.scratch.capacity() > kKeptScratch) std::string().swap(state.scratch);
  state.scratch.clear();
  Packer packer{api, L, state, state.scratch};
  bool memory = true;
  bool alive = true;
  try {
    for (int i = 1; i <= count && alive; ++i) {
      api.pushvalue(L, i);
      alive = packer.Pop(0);
    }
  } catch (const std::exception&) {
    memory = false;
  }
  if (!alive) RaiseEnd(L);
  if (!memory) RaiseText(L, "not enough memory");
  api.pushbytes(L, state.scratch);
  return 1;
}

// Reads MessagePack. Latches its first problem, which ends the reading.
struct Unpacker {
  enum class Problem { kNone, kShort, kFormat };
  const LuaApi& api;
  lua_State* L;
  HostState& state;
  const unsigned char* at;
  size_t left;
  Problem problem = Problem::kNone;
  int depth = 0;

  bool Take(size_t size, const unsigned char** bytes) {
    if (size > left) {
      problem = Problem::kShort;
      return false;
    }
    *bytes = at;
    at += size;
    left -= size;
    return true;
  }

  bool BigEndian(int size, uint64_t* value) {
    const unsigned char* bytes;
    if (!Take(static_cast<size_t>(size), &bytes)) return false;
    *value = 0;
    for (int i = 0; i < size; ++i) *value = *value << 8 | bytes[i];
    return true;
  }

  void PushUnsigned(int size) {
    uint64_t value;
    // The largest come out negative, as in Redis.
    if (BigEndian(size, &value)) api.pushnumber(L, static_cast<double>(static_cast<int64_t>(value)));
  }

  void PushSigned(int size) {
    uint64_t value;
    if (!BigEndian(size, &value)) return;
    if (size < 8 && (value >> (8 * size - 1) & 1) != 0) value |= ~uint64_t{0} << (8 * size);
    api.pushnumber(L, static_cast<double>(static_cast<int64_t>(value)));
  }

  void PushText(uint64_t size) {
    const unsigned char* bytes;
    if (!Take(size, &bytes)) return;
    state.uncounted += size / 16;
    api.pushlstring(L, reinterpret_cast<const char*>(bytes), size);
  }

  // With a size in front, of 1, 2 or 4 bytes.
  void PushSizedText(int size_bytes) {
    uint64_t size;
    if (BigEndian(size_bytes, &size)) PushText(size);
  }

  void Descend(const char* what) {
    if (++depth > kMaxDepth || !api.checkstack(L, 4)) api.aux_error(L, "stack overflow (in function %s)", what);
  }

  void PushArray(uint64_t count) {
    Descend("mp_decode_to_lua_array");
    api.createtable(L, 0, 0);
    for (uint64_t i = 1; i <= count; ++i) {
      Push();
      if (problem != Problem::kNone) return;
      api.rawseti(L, -2, static_cast<int>(i));
    }
    --depth;
  }

  void PushMap(uint64_t count) {
    Descend("mp_decode_to_lua_hash");
    api.createtable(L, 0, 0);
    for (uint64_t i = 0; i < count; ++i) {
      Push();
      if (problem != Problem::kNone) return;
      Push();
      if (problem != Problem::kNone) return;
      // settable, not rawset: it refuses nil and NaN as keys.
      api.settable(L, -3);
    }
    --depth;
  }

  void PushSized(int size_bytes, bool map) {
    uint64_t count;
    if (!BigEndian(size_bytes, &count)) return;
    map ? PushMap(count) : PushArray(count);
  }

  // Pushes one value, unless there is a problem.
  void Push() {
    if (!state.Spend(1)) RaiseEnd(L);
    const unsigned char* tag;
    if (!Take(1, &tag)) return;
    switch (*tag) {
      case 0xc0:
        return api.pushnil(L);
      case 0xc2:
      case 0xc3:
        return api.pushboolean(L, *tag == 0xc3);
      case 0xcc:
      case 0xcd:
      case 0xce:
      case 0xcf:
        return PushUnsigned(1 << (*tag - 0xcc));
      case 0xd0:
      case 0xd1:
      case 0xd2:
      case 0xd3:
        return PushSigned(1 << (*tag - 0xd0));
      case 0xca: {
        uint64_t bits;
        if (BigEndian(4, &bits)) api.pushnumber(L, std::bit_cast<float>(static_cast<uint32_t>(bits)));
        return;
      }
      case 0xcb: {
        uint64_t bits;
        if (BigEndian(8, &bits)) api.pushnumber(L, std::bit_cast<double>(bits));
        return;
      }
      case 0xd9:
      case 0xda:
      case 0xdb:
        return PushSizedText(1 << (*tag - 0xd9));
      case 0xdc:
      case 0xdd:
        return PushSized(2 << (*tag - 0xdc), false);
      case 0xde:
      case 0xdf:
        return PushSized(2 << (*tag - 0xde), true);
      default:
        break;
    }
    if (*tag <= 0x7f) return api.pushnumber(L, *tag);
    if (*tag >= 0xe0) return api.pushnumber(L, static_cast<int>(*tag) - 256);
    if ((*tag & 0xf0) == 0x90) return PushArray(*tag & 0xf);
    if ((*tag & 0xf0) == 0x80) return PushMap(*tag & 0xf);
    if ((*tag & 0xe0) == 0xa0) return PushText(*tag & 0x1f);
    problem = Problem::kFormat;
  }
};

enum class Returns { kValues, kPositionAndValues };

int UnpackFrom(lua_State* L, ptrdiff_t limit, ptrdiff_t offset, Returns returns) {
  const LuaApi& api = Api();
  size_t size;
  const char* data = api.aux_checklstring(L, 1, &size);
  if (offset < 0 || limit < 0) {
    return api.aux_error(L, "Invalid request to unpack with offset of %d and limit of %d.", static_cast<int>(offset),
                         static_cast<int>(size));
  }
  if (static_cast<size_t>(offset) > size) {
    return api.aux_error(L, "Start offset %d greater than input length %d.", static_cast<int>(offset),
                         static_cast<int>(size));
  }
  // No limit at the start means everything, and no position.
  if (limit == 0 && offset == 0) returns = Returns::kValues;
  if (returns == Returns::kValues) limit = INT32_MAX;
  api.settop(L, 1);
  Unpacker unpacker{api, L, StateOf(L), reinterpret_cast<const unsigned char*>(data) + offset,
                    size - static_cast<size_t>(offset)};
  int count = 0;
  for (; unpacker.left > 0 && count < limit; ++count) {
    if (!api.checkstack(L, 4)) RaiseTextHere(L, "stack overflow (too many results)");
    unpacker.Push();
    if (unpacker.problem == Unpacker::Problem::kShort) RaiseTextHere(L, "Missing bytes in input.");
    if (unpacker.problem == Unpacker::Problem::kFormat) RaiseTextHere(L, "Bad data format in input.");
  }
  if (returns == Returns::kValues) return count;
  api.pushnumber(L, unpacker.left == 0 ? -1 : static_cast<double>(size - unpacker.left));
  api.insert(L, 2);
  return count + 1;
}

int Unpack(lua_State* L) { return UnpackFrom(L, 0, 0, Returns::kValues); }

int UnpackOne(lua_State* L) { return UnpackFrom(L, 1, Api().aux_optinteger(L, 2, 0), Returns::kPositionAndValues); }

int UnpackLimit(lua_State* L) {
  const ptrdiff_t limit = Api().aux_checkinteger(L, 2);
  return UnpackFrom(L, limit, Api().aux_optinteger(L, 3, 0), Returns::kPositionAndValues);
}

constexpr Function kFunctions[] = {
    {"pack", Pack}, {"unpack", Unpack}, {"unpack_one", UnpackOne}, {"unpack_limit", UnpackLimit}};

struct Text {
  const char* name;
  const char* value;
};
constexpr Text kTexts[] = {
    {"_NAME", "cmsgpack"},
    {"_VERSION", "lua-cmsgpack 0.4.0"},
    {"_COPYRIGHT", "Copyright (C) 2012, Salvatore Sanfilippo"},
    {"_DESCRIPTION", "MessagePack C implementation for Lua"},
};

}  // namespace

void PushCmsgpackLibrary(lua_State* L) {
  const LuaApi& api = Api();
  api.createtable(L, 0, 8);
  SetFunctions(L, kFunctions, std::size(kFunctions));
  for (const Text& text : kTexts) {
    api.pushbytes(L, text.value);
    api.setfield(L, -2, text.name);
  }
}

}  // namespace dualis::lua
