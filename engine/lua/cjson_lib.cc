// The library cjson of Redis (lua-cjson 2.1), written anew: same functions, same texts of errors, same quirks. The
// empty table encodes as {}, numbers with 14 digits, "/" as "\/"; the decoder takes hexadecimal numbers, inf and nan.
//
// The encoder writes into HostState::scratch, which may throw: it reports what went wrong as a value, and the Lua error
// is raised when no C++ frame that could unwind is left. The decoder pushes Lua values as it reads.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <exception>

#include "engine/lua/host_state.h"

namespace dualis::lua {
namespace {

// PUC Lua's stack ends here, whatever depth a script asks for.
constexpr int kStackDepth = 2600;

// --- encoding ---

enum class Trouble { kNone, kType, kNotFinite, kSparse, kKey, kDepth, kEnded };

struct Encoder {
  const LuaApi& api;
  lua_State* L;
  HostState& state;
  std::string& out;
  int depth = 0;
  int bad_type = LUA_TNIL;

  Trouble Fail(Trouble trouble, int index) {
    bad_type = api.type(L, index);
    return trouble;
  }

  void String(Bytes text) {
    out.push_back('"');
    size_t plain = 0;
    for (size_t i = 0; i < text.size(); ++i) {
      const auto c = static_cast<unsigned char>(text[i]);
      if (c >= ' ' && c != '"' && c != '\\' && c != '/' && c != 127) continue;
      out.append(text, plain, i - plain);
      plain = i + 1;
      const char* pair = nullptr;
      switch (c) {
        case '"':
          pair = "\\\"";
          break;
        case '\\':
          pair = "\\\\";
          break;
        case '/':
          pair = "\\/";
          break;
        case '\b':
          pair = "\\b";
          break;
        case '\t':
          pair = "\\t";
          break;
        case '\n':
          pair = "\\n";
          break;
        case '\f':
          pair = "\\f";
          break;
        case '\r':
          pair = "\\r";
          break;
      }
      if (pair != nullptr) {
        out.append(pair, 2);
      } else {
        out.append("\\u00").push_back("0123456789abcdef"[c >> 4]);
        out.push_back("0123456789abcdef"[c & 15]);
      }
    }
    out.append(text, plain);
    out.push_back('"');
  }

  Trouble Number(int index) {
    const double value = api.tonumber(L, index);
    if (!std::isfinite(value)) {
      switch (state.cjson.encode_invalid) {
        case CjsonOptions::Invalid::kRefuse:
          return Fail(Trouble::kNotFinite, index);
        case CjsonOptions::Invalid::kNull:
          out += "null";
          return Trouble::kNone;
        case CjsonOptions::Invalid::kAllow:
          out += std::isnan(value) ? (std::signbit(value) ? "-nan" : "nan") : value < 0 ? "-inf" : "inf";
          return Trouble::kNone;
      }
    }
    char text[64];
    const auto end =
        std::to_chars(text, text + sizeof text, value, std::chars_format::general, state.cjson.number_precision);
    out.append(text, end.ptr);
    return Trouble::kNone;
  }

  // The value on top of the stack, which stays there.
  Trouble Value() {
    if (!state.Spend(1)) return Trouble::kEnded;
    switch (api.type(L, -1)) {
      case LUA_TSTRING: {
        const Bytes text = api.tobytes(L, -1);
        state.uncounted += text.size() / 16;
        String(text);
        return Trouble::kNone;
      }
      case LUA_TNUMBER:
        return Number(-1);
      case LUA_TBOOLEAN:
        out += api.toboolean(L, -1) ? "true" : "false";
        return Trouble::kNone;
      case LUA_TNIL:
        out += "null";
        return Trouble::kNone;
      case LUA_TLIGHTUSERDATA:
        if (api.touserdata(L, -1) != nullptr) return Fail(Trouble::kType, -1);
        out += "null";
        return Trouble::kNone;
      case LUA_TTABLE:
        return Table();
      default:
        return Fail(Trouble::kType, -1);
    }
  }

  Trouble Table() {
    if (++depth > std::min(state.cjson.encode_max_depth, kStackDepth) || !api.checkstack(L, 3)) {
      return Trouble::kDepth;
    }
    int length = 0;
    Trouble trouble = ArrayLength(&length);
    if (trouble == Trouble::kNone) trouble = length > 0 ? Array(length) : Object();
    if (trouble == Trouble::kNone) --depth;  // else it is part of the error
    return trouble;
  }

  // The length if all keys are positive integers and not too sparse; 0 for an object or the empty table.
  Trouble ArrayLength(int* length) {
    double highest = 0;
    int items = 0;
    api.pushnil(L);
    while (api.next(L, -2)) {
      api.pop(L, 1);
      const double key = api.type(L, -1) == LUA_TNUMBER ? api.tonumber(L, -1) : 0;
      if (!(key >= 1) || key != std::floor(key)) {
        api.pop(L, 1);
        return Trouble::kNone;
      }
      highest = std::max(highest, key);
      ++items;
      if (!state.Spend(1)) return Trouble::kEnded;
    }
    const CjsonOptions& options = state.cjson;
    if (options.sparse_ratio > 0 && highest > static_cast<double>(items) * options.sparse_ratio &&
        highest > options.sparse_safe) {
      return options.sparse_convert ? Trouble::kNone : Fail(Trouble::kSparse, -1);
    }
    // Only with the check switched off: more nulls than memory can hold.
    if (highest > (1 << 26)) return Fail(Trouble::kSparse, -1);
    *length = static_cast<int>(highest);
    return Trouble::kNone;
  }

  Trouble Array(int length) {
    out.push_back('[');
    for (int i = 1; i <= length; ++i) {
      if (i > 1) out.push_back(',');
      api.rawgeti(L, -1, i);
      if (const Trouble trouble = Value(); trouble != Trouble::kNone) return trouble;
      api.pop(L, 1);
    }
    out.push_back(']');
    return Trouble::kNone;
  }

  Trouble Object() {
    out.push_back('{');
    bool comma = false;
    api.pushnil(L);
    while (api.next(L, -2)) {
      if (comma) out.push_back(',');
      comma = true;
      if (api.type(L, -2) == LUA_TNUMBER) {
        out.push_back('"');
        if (const Trouble trouble = Number(-2); trouble != Trouble::kNone) return trouble;
        out.push_back('"');
      } else if (api.type(L, -2) == LUA_TSTRING) {
        String(api.tobytes(L, -2));
      } else {
        return Fail(Trouble::kKey, -2);
      }
      out.push_back(':');
      if (const Trouble trouble = Value(); trouble != Trouble::kNone) return trouble;
      api.pop(L, 1);
    }
    out.push_back('}');
    return Trouble::kNone;
  }
};

constexpr size_t kKeptScratch = 1 << 20;

int Encode(lua_State* L) {
  const LuaApi& api = Api();
  if (api.gettop(L) != 1) api.aux_argerror(L, 1, "expected 1 argument");
  HostState& state = StateOf(L);
  if (state.scratch.capacity() > kKeptScratch) std::string().swap(state.scratch);
  state.scratch.clear();
  Encoder encoder{api, L, state, state.scratch};
  Trouble trouble = Trouble::kNone;
  bool memory = true;
  try {
    trouble = encoder.Value();
  } catch (const std::exception&) {
    memory = false;
  }
  if (!memory) RaiseText(L, "not enough memory");
  const char* reason = nullptr;
  switch (trouble) {
    case Trouble::kNone:
      api.pushbytes(L, state.scratch);
      return 1;
    case Trouble::kEnded:
      RaiseEnd(L);
    case Trouble::kDepth:
      return api.aux_error(L, "Cannot serialise, excessive nesting (%d)", encoder.depth);
    case Trouble::kType:
      reason = "type not supported";
      break;
    case Trouble::kNotFinite:
      reason = "must not be NaN or Inf";
      break;
    case Trouble::kSparse:
      reason = "excessively sparse array";
      break;
    case Trouble::kKey:
      reason = "table key must be a number or string";
      break;
  }
  return api.aux_error(L, "Cannot serialise %s: %s", api.type_name(L, encoder.bad_type), reason);
}

// --- decoding ---

enum class Token {
  kObjectBegin,
  kObjectEnd,
  kArrayBegin,
  kArrayEnd,
  kString,
  kNumber,
  kTrue,
  kFalse,
  kNull,
  kColon,
  kComma,
  kEnd,
  kError,
};

const char* TokenName(Token token) {
  constexpr const char* kNames[] = {"T_OBJ_BEGIN", "T_OBJ_END", "T_ARR_BEGIN", "T_ARR_END", "T_STRING",
                                    "T_NUMBER",    "T_BOOLEAN", "T_BOOLEAN",   "T_NULL",    "T_COLON",
                                    "T_COMMA",     "T_END",     "T_ERROR"};
  return kNames[static_cast<int>(token)];
}

bool StartsWithNoCase(const char* p, const char* lower) {
  for (; *lower != '\0'; ++p, ++lower) {
    if ((*p | 0x20) != *lower) return false;
  }
  return true;
}

// strtod of the C locale: decimal, 0x, inf, infinity, nan. Returns `p` if there is no number.
const char* ReadNumber(const char* p, const char* end, double* value) {
  const bool negative = *p == '-';
  const char* digits = p + (negative || *p == '+' ? 1 : 0);
  double result = 0;
  std::from_chars_result read{p, std::errc::invalid_argument};
  if (digits[0] == '0' && (digits[1] | 0x20) == 'x') {
    read = std::from_chars(digits + 2, end, result, std::chars_format::hex);
    if (read.ec == std::errc::invalid_argument || digits[2] == '-') {
      *value = negative ? -0.0 : 0;  // only the zero in front of the x
      return digits + 1;
    }
  } else if (*digits != '-') {
    read = std::from_chars(digits, end, result, std::chars_format::general);
  }
  if (read.ec == std::errc::invalid_argument) return p;
  if (read.ec == std::errc::result_out_of_range) {
    const auto* exponent = std::find_if(digits, read.ptr, [](char c) { return c == 'e' || c == 'E'; });
    const bool tiny = exponent != read.ptr ? exponent[1] == '-' : *digits == '0' || *digits == '.';
    result = tiny ? 0 : HUGE_VAL;
  }
  *value = negative ? -result : result;
  return read.ptr;
}

void AppendUtf8(char** to, uint32_t code) {
  char* p = *to;
  if (code < 0x80) {
    *p++ = static_cast<char>(code);
  } else if (code < 0x800) {
    *p++ = static_cast<char>(0xc0 | code >> 6);
    *p++ = static_cast<char>(0x80 | (code & 0x3f));
  } else if (code < 0x10000) {
    *p++ = static_cast<char>(0xe0 | code >> 12);
    *p++ = static_cast<char>(0x80 | (code >> 6 & 0x3f));
    *p++ = static_cast<char>(0x80 | (code & 0x3f));
  } else {
    *p++ = static_cast<char>(0xf0 | code >> 18);
    *p++ = static_cast<char>(0x80 | (code >> 12 & 0x3f));
    *p++ = static_cast<char>(0x80 | (code >> 6 & 0x3f));
    *p++ = static_cast<char>(0x80 | (code & 0x3f));
  }
  *to = p;
}

// Four hexadecimal digits, or -1.
int ReadHex4(const char* p) {
  int value = 0;
  for (int i = 0; i < 4; ++i) {
    const int digit = p[i] >= '0' && p[i] <= '9'                     ? p[i] - '0'
                      : (p[i] | 0x20) >= 'a' && (p[i] | 0x20) <= 'f' ? (p[i] | 0x20) - 'a' + 10
                                                                     : -1;
    if (digit < 0) return -1;
    value = value << 4 | digit;
  }
  return value;
}

// Reads a text that ends with a zero byte, as Lua's strings do. `room` holds any one of its strings: an escape is never
// shorter than what it stands for. Raises on the first error.
struct Decoder {
  const LuaApi& api;
  lua_State* L;
  HostState& state;
  const char* begin;
  const char* end;
  char* room;
  const char* at;
  int depth = 0;

  size_t index = 0;        // of the current token
  const char* wrong = "";  // of kError
  double number = 0;
  size_t size = 0;  // of the string in `room`

  [[noreturn]] void Unexpected(const char* expected, Token token) {
    api.aux_error(L, "Expected %s but found %s at character %d", expected,
                  token == Token::kError ? wrong : TokenName(token), static_cast<int>(index + 1));
    __builtin_unreachable();
  }

  Token Wrong(const char* what) {
    index = static_cast<size_t>(at - begin);
    wrong = what;
    return Token::kError;
  }

  bool IsOddNumber() const {
    const char* p = at;
    if (*p == '+') return true;
    if (*p == '-') ++p;
    if (*p == '0') return (p[1] | 0x20) == 'x' || (p[1] >= '0' && p[1] <= '9');
    if (*p <= '9') return false;
    return StartsWithNoCase(p, "inf") || StartsWithNoCase(p, "nan");
  }

  Token Number() {
    const char* number_end = ReadNumber(at, end, &number);
    if (number_end == at) return Wrong("invalid number");
    at = number_end;
    return Token::kNumber;
  }

  Token Next() {
    while (*at == ' ' || *at == '\t' || *at == '\n' || *at == '\r') ++at;
    index = static_cast<size_t>(at - begin);
    switch (*at) {
      case '{':
        return ++at, Token::kObjectBegin;
      case '}':
        return ++at, Token::kObjectEnd;
      case '[':
        return ++at, Token::kArrayBegin;
      case ']':
        return ++at, Token::kArrayEnd;
      case ':':
        return ++at, Token::kColon;
      case ',':
        return ++at, Token::kComma;
      case '\0':
        return Token::kEnd;
      case '"':
        return String();
      default:
        break;
    }
    if (*at == '-' || (*at >= '0' && *at <= '9')) {
      if (!state.cjson.decode_invalid && IsOddNumber()) return Wrong("invalid number");
      return Number();
    }
    if (std::strncmp(at, "true", 4) == 0) return at += 4, Token::kTrue;
    if (std::strncmp(at, "false", 5) == 0) return at += 5, Token::kFalse;
    if (std::strncmp(at, "null", 4) == 0) return at += 4, Token::kNull;
    if (state.cjson.decode_invalid && IsOddNumber()) return Number();
    return Wrong("invalid token");
  }

  Token String() {
    ++at;
    char* to = room;
    while (*at != '"') {
      if (*at == '\0') return Wrong("unexpected end of string");
      if (*at != '\\') {
        *to++ = *at++;
        continue;
      }
      char c = at[1];
      switch (c) {
        case '"':
        case '\\':
        case '/':
          break;
        case 'b':
          c = '\b';
          break;
        case 't':
          c = '\t';
          break;
        case 'n':
          c = '\n';
          break;
        case 'f':
          c = '\f';
          break;
        case 'r':
          c = '\r';
          break;
        case 'u':
          if (!Unicode(&to)) return Wrong("invalid unicode escape code");
          continue;
        default:
          return Wrong("invalid escape code");
      }
      *to++ = c;
      at += 2;
    }
    ++at;
    size = static_cast<size_t>(to - room);
    return Token::kString;
  }

  // At a "\u"; a pair of surrogates is one character.
  bool Unicode(char** to) {
    const int first = ReadHex4(at + 2);
    if (first < 0) return false;
    auto code = static_cast<uint32_t>(first);
    int used = 6;
    if ((code & 0xf800) == 0xd800) {
      if ((code & 0x400) != 0 || at[6] != '\\' || at[7] != 'u') return false;
      const int second = ReadHex4(at + 8);
      if (second < 0 || (second & 0xfc00) != 0xdc00) return false;
      code = (((code & 0x3ff) << 10) | (static_cast<uint32_t>(second) & 0x3ff)) + 0x10000;
      used = 12;
    }
    AppendUtf8(to, code);
    at += used;
    return true;
  }

  void Descend() {
    if (++depth > std::min(state.cjson.decode_max_depth, kStackDepth) || !api.checkstack(L, 3)) {
      api.aux_error(L, "Found too many nested data structures (%d) at character %d", depth,
                    static_cast<int>(at - begin));
    }
  }

  void PushValue(Token token) {
    if (!state.Spend(1)) RaiseEnd(L);
    switch (token) {
      case Token::kString:
        state.uncounted += size / 16;
        api.pushlstring(L, room, size);
        return;
      case Token::kNumber:
        api.pushnumber(L, number);
        return;
      case Token::kTrue:
      case Token::kFalse:
        api.pushboolean(L, token == Token::kTrue);
        return;
      case Token::kNull:
        api.pushlightuserdata(L, nullptr);
        return;
      case Token::kObjectBegin:
        PushObject();
        return;
      case Token::kArrayBegin:
        PushArray();
        return;
      default:
        Unexpected("value", token);
    }
  }

  void PushObject() {
    Descend();
    api.createtable(L, 0, 0);
    Token token = Next();
    while (token != Token::kObjectEnd) {
      if (token != Token::kString) Unexpected("object key string", token);
      api.pushlstring(L, room, size);
      token = Next();
      if (token != Token::kColon) Unexpected("colon", token);
      PushValue(Next());
      api.rawset(L, -3);
      token = Next();
      if (token == Token::kObjectEnd) break;
      if (token != Token::kComma) Unexpected("comma or object end", token);
      token = Next();
      // A comma promises another key.
      if (token == Token::kObjectEnd) Unexpected("object key string", token);
    }
    --depth;
  }

  void PushArray() {
    Descend();
    api.createtable(L, 0, 0);
    Token token = Next();
    for (int i = 1; token != Token::kArrayEnd; ++i) {
      PushValue(token);
      api.rawseti(L, -2, i);
      token = Next();
      if (token == Token::kArrayEnd) break;
      if (token != Token::kComma) Unexpected("comma or array end", token);
      token = Next();
      // A comma promises another value.
      if (token == Token::kArrayEnd) Unexpected("value", token);
    }
    --depth;
  }
};

int Decode(lua_State* L) {
  const LuaApi& api = Api();
  if (api.gettop(L) != 1) api.aux_argerror(L, 1, "expected 1 argument");
  size_t size;
  const char* text = api.aux_checklstring(L, 1, &size);
  if (size >= 2 && (text[0] == '\0' || text[1] == '\0')) {
    RaiseTextHere(L, "JSON parser does not support UTF-16 or UTF-32");
  }
  HostState& state = StateOf(L);
  Charge(L, size / 16);
  char* room = static_cast<char*>(api.newuserdata(L, size + 1));
  Decoder decoder{api, L, state, text, text + size, room, text};
  decoder.PushValue(decoder.Next());
  if (const Token token = decoder.Next(); token != Token::kEnd) decoder.Unexpected("the end", token);
  return 1;
}

// --- configuration ---

// Fills up to `count` arguments with nil.
void TakeArguments(lua_State* L, int count) {
  const LuaApi& api = Api();
  if (api.gettop(L) > count) api.aux_argerror(L, count + 1, "found too many arguments");
  api.settop(L, count);
}

void IntegerOption(lua_State* L, int index, int* setting, int low, int high) {
  const LuaApi& api = Api();
  if (api.type(L, index) != LUA_TNIL) {
    const ptrdiff_t value = api.aux_checkinteger(L, index);
    if (value < low || value > high) {
      char text[64];
      std::snprintf(text, sizeof text, "expected integer between %d and %d", low, high);
      api.aux_argerror(L, index, text);
    }
    *setting = static_cast<int>(value);
  }
  api.pushnumber(L, *setting);
}

void BooleanOption(lua_State* L, int index, bool* setting) {
  const LuaApi& api = Api();
  const int type = api.type(L, index);
  if (type == LUA_TBOOLEAN) {
    *setting = api.toboolean(L, index) != 0;
  } else if (type != LUA_TNIL) {
    size_t size;
    const char* data = api.aux_checklstring(L, index, &size);
    if (Bytes(data, size) == "on") {
      *setting = true;
    } else if (Bytes(data, size) == "off") {
      *setting = false;
    } else {
      char text[64];
      std::snprintf(text, sizeof text, "invalid option '%.40s'", data);
      api.aux_argerror(L, index, text);
    }
  }
  api.pushboolean(L, *setting);
}

int EncodeMaxDepth(lua_State* L) {
  TakeArguments(L, 1);
  IntegerOption(L, 1, &StateOf(L).cjson.encode_max_depth, 1, INT32_MAX);
  return 1;
}

int DecodeMaxDepth(lua_State* L) {
  TakeArguments(L, 1);
  IntegerOption(L, 1, &StateOf(L).cjson.decode_max_depth, 1, INT32_MAX);
  return 1;
}

int EncodeNumberPrecision(lua_State* L) {
  TakeArguments(L, 1);
  IntegerOption(L, 1, &StateOf(L).cjson.number_precision, 1, 14);
  return 1;
}

int EncodeKeepBuffer(lua_State* L) {
  TakeArguments(L, 1);
  BooleanOption(L, 1, &StateOf(L).cjson.encode_keep_buffer);
  return 1;
}

int EncodeSparseArray(lua_State* L) {
  TakeArguments(L, 3);
  CjsonOptions& options = StateOf(L).cjson;
  BooleanOption(L, 1, &options.sparse_convert);
  IntegerOption(L, 2, &options.sparse_ratio, 0, INT32_MAX);
  IntegerOption(L, 3, &options.sparse_safe, 0, INT32_MAX);
  return 3;
}

int EncodeInvalidNumbers(lua_State* L) {
  const LuaApi& api = Api();
  TakeArguments(L, 1);
  CjsonOptions::Invalid& setting = StateOf(L).cjson.encode_invalid;
  if (api.type(L, 1) == LUA_TSTRING && api.tobytes(L, 1) == "null") {
    setting = CjsonOptions::Invalid::kNull;
  }
  if (setting == CjsonOptions::Invalid::kNull && (api.type(L, 1) == LUA_TNIL || api.type(L, 1) == LUA_TSTRING) &&
      (api.type(L, 1) == LUA_TNIL || api.tobytes(L, 1) == "null")) {
    api.pushbytes(L, "null");
    return 1;
  }
  bool allow = setting == CjsonOptions::Invalid::kAllow;
  BooleanOption(L, 1, &allow);
  setting = allow ? CjsonOptions::Invalid::kAllow : CjsonOptions::Invalid::kRefuse;
  return 1;
}

int DecodeInvalidNumbers(lua_State* L) {
  TakeArguments(L, 1);
  BooleanOption(L, 1, &StateOf(L).cjson.decode_invalid);
  return 1;
}

// A second library with settings of its own, in lua-cjson; here the settings are shared.
int New(lua_State* L) {
  PushCjsonLibrary(L);
  return 1;
}

constexpr Function kFunctions[] = {
    {"encode", Encode},
    {"decode", Decode},
    {"encode_max_depth", EncodeMaxDepth},
    {"decode_max_depth", DecodeMaxDepth},
    {"encode_number_precision", EncodeNumberPrecision},
    {"encode_keep_buffer", EncodeKeepBuffer},
    {"encode_sparse_array", EncodeSparseArray},
    {"encode_invalid_numbers", EncodeInvalidNumbers},
    {"decode_invalid_numbers", DecodeInvalidNumbers},
    {"new", New},
};

}  // namespace

void PushCjsonLibrary(lua_State* L) {
  const LuaApi& api = Api();
  api.createtable(L, 0, 16);
  SetFunctions(L, kFunctions, std::size(kFunctions));
  api.pushlightuserdata(L, nullptr);
  api.setfield(L, -2, "null");
  api.pushbytes(L, "cjson");
  api.setfield(L, -2, "_NAME");
  api.pushbytes(L, "2.1.0");
  api.setfield(L, -2, "_VERSION");
}

}  // namespace dualis::lua
