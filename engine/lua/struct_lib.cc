// The library struct of Redis: C-like packing, pack(format, values...), unpack(format, bytes [, position]),
// size(format).
//
//   <  >     little, big endian (native at first)    ! [n]  alignment (8 by default; power of two)
//   x        a byte of padding             b B h H i I l L T   integers of 1, 2, n (4), 8 bytes; upper case unsigned
//   f d      float, double                 s      text with a zero after it     c [n]  n bytes (c0: see below)
//   c0       pack: the whole string; unpack: as many bytes as the number just read says, which it replaces
//   (space)  ignored
#include <algorithm>
#include <bit>
#include <cstring>

#include "engine/lua/host_state.h"

namespace dualis::lua {
namespace {

constexpr size_t kMaxIntBytes = 32;
constexpr size_t kMaxAlign = 8;

// Reads a format, letter by letter, with the state that letters change.
struct FormatReader {
  const LuaApi& api;
  lua_State* L;
  const char* at;
  bool little = std::endian::native == std::endian::little;
  size_t align = 1;

  bool Done() const { return *at == '\0'; }

  // A decimal number at `at`, or `otherwise`.
  size_t Count(size_t otherwise) {
    if (*at < '0' || *at > '9') return otherwise;
    size_t value = 0;
    while (*at >= '0' && *at <= '9') {
      const auto digit = static_cast<size_t>(*at++ - '0');
      if (value > (INT32_MAX - digit) / 10) RaiseTextHere(L, "integral size overflow");
      value = value * 10 + digit;
    }
    return value;
  }

  // The bytes that the item of this letter takes (its count, if any, is consumed).
  size_t Size(char letter) {
    switch (letter) {
      case 'b':
      case 'B':
      case 'x':
        return 1;
      case 'h':
      case 'H':
        return sizeof(short);  // NOLINT(google-runtime-int)
      case 'l':
      case 'L':
        return sizeof(long);  // NOLINT(google-runtime-int)
      case 'T':
        return sizeof(size_t);
      case 'f':
        return sizeof(float);
      case 'd':
        return sizeof(double);
      case 'c':
        return Count(1);
      case 'i':
      case 'I': {
        const size_t size = Count(sizeof(int));
        if (size > kMaxIntBytes) {
          api.aux_error(L, "integral size %d is larger than limit of %d", static_cast<int>(size),
                        static_cast<int>(kMaxIntBytes));
        }
        return size;
      }
      default:
        return 0;
    }
  }

  // Padding before an item of this size at `position`.
  size_t Padding(size_t position, char letter, size_t size) const {
    if (size == 0 || letter == 'c') return 0;
    const size_t unit = std::min(size, align);
    return unit > 1 ? (unit - (position & (unit - 1))) & (unit - 1) : 0;
  }

  // A letter that only changes the state; false if it is not one of these.
  bool Control(char letter) {
    switch (letter) {
      case ' ':
        return true;
      case '<':
        little = true;
        return true;
      case '>':
        little = false;
        return true;
      case '!': {
        const size_t count = Count(kMaxAlign);
        if (count == 0 || (count & (count - 1)) != 0) {
          api.aux_error(L, "alignment %d is not a power of 2", static_cast<int>(count));
        }
        align = count;
        return true;
      }
      default:
        return false;
    }
  }

  [[noreturn]] void Invalid(char letter) {
    char text[] = "invalid format option '?'";
    text[sizeof text - 3] = letter;
    api.aux_argerror(L, 1, text);
    __builtin_unreachable();
  }
};

void Reverse(char* bytes, size_t size) { std::reverse(bytes, bytes + size); }

void AddZeros(luaL_Buffer* out, size_t count) {
  static constexpr char kZeros[64] = {};
  for (; count > 0; count -= std::min(count, sizeof kZeros)) {
    Api().aux_addlstring(out, kZeros, std::min(count, sizeof kZeros));
  }
}

void AddInteger(lua_State* L, luaL_Buffer* out, int argument, bool little, size_t size) {
  const double value = Api().aux_checknumber(L, argument);
  // A C cast of what does not fit is undefined; these are the values it has in practice.
  uint64_t bits;
  if (value < 0) {
    bits = value >= -9223372036854775808.0 ? static_cast<uint64_t>(static_cast<int64_t>(value)) : uint64_t{1} << 63;
  } else {
    bits = value < 18446744073709551616.0 ? static_cast<uint64_t>(value) : 0;
  }
  char bytes[kMaxIntBytes];
  for (size_t i = 0; i < size; ++i) {
    bytes[i] = static_cast<char>(i < 8 ? bits >> (8 * i) : 0);
  }
  if (!little) Reverse(bytes, size);
  Api().aux_addlstring(out, bytes, size);
}

template <class Float>
void AddFloat(lua_State* L, luaL_Buffer* out, int argument, bool little) {
  const auto value = static_cast<Float>(Api().aux_checknumber(L, argument));
  char bytes[sizeof value];
  std::memcpy(bytes, &value, sizeof value);
  if (little != (std::endian::native == std::endian::little)) Reverse(bytes, sizeof value);
  Api().aux_addlstring(out, bytes, sizeof value);
}

int Pack(lua_State* L) {
  const LuaApi& api = Api();
  FormatReader format{api, L, api.aux_checklstring(L, 1, nullptr)};
  int argument = 2;
  size_t total = 0;
  api.pushnil(L);  // keeps the last argument from looking like a part of the buffer
  luaL_Buffer out;
  api.aux_buffinit(L, &out);
  while (!format.Done()) {
    Charge(L, 1);
    const char letter = *format.at++;
    size_t size = format.Size(letter);
    const size_t padding = format.Padding(total, letter, size);
    AddZeros(&out, padding);
    total += padding;
    switch (letter) {
      case 'b':
      case 'B':
      case 'h':
      case 'H':
      case 'l':
      case 'L':
      case 'T':
      case 'i':
      case 'I':
        AddInteger(L, &out, argument++, format.little, size);
        break;
      case 'x':
        AddZeros(&out, 1);
        break;
      case 'f':
        AddFloat<float>(L, &out, argument++, format.little);
        break;
      case 'd':
        AddFloat<double>(L, &out, argument++, format.little);
        break;
      case 'c':
      case 's': {
        size_t length;
        const char* text = api.aux_checklstring(L, argument++, &length);
        if (size == 0) size = length;
        if (length < size) api.aux_argerror(L, argument, "string too short");
        api.aux_addlstring(&out, text, size);
        if (letter == 's') {
          AddZeros(&out, 1);
          ++size;
        }
        break;
      }
      default:
        if (!format.Control(letter)) format.Invalid(letter);
    }
    total += size;
  }
  api.aux_pushresult(&out);
  return 1;
}

double ReadInteger(const char* data, bool little, bool is_signed, size_t size) {
  uint64_t bits = 0;
  for (size_t i = 0; i < size; ++i) {
    const auto byte = static_cast<unsigned char>(little ? data[size - 1 - i] : data[i]);
    bits = bits << 8 | byte;
  }
  if (!is_signed) return static_cast<double>(bits);
  if (size < 8 && size > 0 && (bits >> (8 * size - 1) & 1) != 0) bits |= ~uint64_t{0} << (8 * size);
  return static_cast<double>(static_cast<int64_t>(bits));
}

template <class Float>
double ReadFloat(const char* data, bool little) {
  char bytes[sizeof(Float)];
  std::memcpy(bytes, data, sizeof bytes);
  if (little != (std::endian::native == std::endian::little)) Reverse(bytes, sizeof bytes);
  Float value;
  std::memcpy(&value, bytes, sizeof value);
  return static_cast<double>(value);
}

int Unpack(lua_State* L) {
  const LuaApi& api = Api();
  FormatReader format{api, L, api.aux_checklstring(L, 1, nullptr)};
  size_t length;
  const char* data = api.aux_checklstring(L, 2, &length);
  const ptrdiff_t start = api.aux_optinteger(L, 3, 1);
  if (start < 1) api.aux_argerror(L, 3, "offset must be 1 or greater");
  size_t position = static_cast<size_t>(start) - 1;
  int results = 0;
  auto need = [&](size_t size) {
    if (position > length || size > length - position) api.aux_argerror(L, 2, "data string too short");
  };
  while (!format.Done()) {
    Charge(L, 1);
    const char letter = *format.at++;
    size_t size = format.Size(letter);
    position += format.Padding(position, letter, size);
    need(size);
    if (!api.checkstack(L, 2)) RaiseTextHere(L, "stack overflow (too many results)");
    switch (letter) {
      case 'b':
      case 'B':
      case 'h':
      case 'H':
      case 'l':
      case 'L':
      case 'T':
      case 'i':
      case 'I':
        api.pushnumber(L, ReadInteger(data + position, format.little, letter >= 'a', size));
        ++results;
        break;
      case 'x':
        break;
      case 'f':
        api.pushnumber(L, ReadFloat<float>(data + position, format.little));
        ++results;
        break;
      case 'd':
        api.pushnumber(L, ReadFloat<double>(data + position, format.little));
        ++results;
        break;
      case 'c': {
        if (size == 0) {
          if (results == 0 || !api.isnumber(L, -1)) RaiseTextHere(L, "format 'c0' needs a previous size");
          const double count = api.tonumber(L, -1);
          api.pop(L, 1);
          --results;
          size = count >= 0 && count < 9e15 ? static_cast<size_t>(count) : SIZE_MAX;
          need(size);
        }
        api.pushlstring(L, data + position, size);
        ++results;
        break;
      }
      case 's': {
        const void* zero = std::memchr(data + position, '\0', length - position);
        if (zero == nullptr) RaiseTextHere(L, "unfinished string in data");
        size = static_cast<size_t>(static_cast<const char*>(zero) - (data + position)) + 1;
        api.pushlstring(L, data + position, size - 1);
        ++results;
        break;
      }
      default:
        if (!format.Control(letter)) format.Invalid(letter);
    }
    position += size;
  }
  api.pushnumber(L, static_cast<double>(position + 1));
  return results + 1;
}

int Size(lua_State* L) {
  const LuaApi& api = Api();
  FormatReader format{api, L, api.aux_checklstring(L, 1, nullptr)};
  size_t position = 0;
  while (!format.Done()) {
    Charge(L, 1);
    const char letter = *format.at++;
    const size_t size = format.Size(letter);
    position += format.Padding(position, letter, size);
    if (letter == 's') api.aux_argerror(L, 1, "option 's' has no fixed size");
    if (letter == 'c' && size == 0) api.aux_argerror(L, 1, "option 'c0' has no fixed size");
    // Unknown letters have no size; only packing looks at them.
    if (letter == '!') format.Control(letter);
    position += size;
  }
  api.pushnumber(L, static_cast<double>(position));
  return 1;
}

constexpr Function kFunctions[] = {{"pack", Pack}, {"unpack", Unpack}, {"size", Size}};

}  // namespace

void PushStructLibrary(lua_State* L) {
  Api().createtable(L, 0, 4);
  SetFunctions(L, kFunctions, std::size(kFunctions));
}

}  // namespace dualis::lua
