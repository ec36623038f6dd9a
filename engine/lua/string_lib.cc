// The string functions whose cost is not bounded by their number of calls: they count against the script's budget.
// Those that only walk one text are Lua's own behind a charge; the pattern functions and format are ours.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstring>

#include "engine/lua/host_state.h"
#include "engine/lua/pattern.h"

namespace dualis::lua {

int ChargedByText(lua_State* L) {
  const LuaApi& api = Api();
  size_t size;
  api.aux_checklstring(L, 1, &size);
  Charge(L, size / 16);
  api.settop(L, 1);
  api.pushvalue(L, lua_upvalueindex(1));
  api.insert(L, 1);
  api.call(L, 1, 1);
  return 1;
}

namespace {

Bytes CheckText(lua_State* L, int index) {
  size_t size;
  const char* data = Api().aux_checklstring(L, index, &size);
  return Bytes(data, size);
}

bool HasSpecials(Bytes pattern) { return pattern.find_first_of("^$*+?.([%-") != Bytes::npos; }

enum class Want { kPositions, kCaptures };

int FindOrMatch(lua_State* L, Want want) {
  const LuaApi& api = Api();
  const Bytes subject = CheckText(L, 1);
  Bytes pattern = CheckText(L, 2);
  const auto size = static_cast<ptrdiff_t>(subject.size());
  ptrdiff_t start = api.aux_optinteger(L, 3, 1);
  if (start < 0) start += size + 1;
  start = start < 1 ? 0 : start - 1;
  if (start > size) start = size;
  const char* from = subject.data() + start;
  const char* end = subject.data() + size;
  if (want == Want::kPositions && (api.toboolean(L, 4) || !HasSpecials(pattern))) {
    Charge(L, static_cast<uint64_t>(end - from) / 16);
    // memmem is linear in both lengths, whatever they contain.
    const auto* found =
        static_cast<const char*>(memmem(from, static_cast<size_t>(end - from), pattern.data(), pattern.size()));
    if (found == nullptr) {
      api.pushnil(L);
      return 1;
    }
    api.pushnumber(L, static_cast<double>(found - subject.data() + 1));
    api.pushnumber(L, static_cast<double>(found - subject.data() + pattern.size()));
    return 2;
  }
  const bool anchored = pattern.starts_with('^');
  if (anchored) pattern.remove_prefix(1);
  PatternMatch match(L, subject, pattern);
  do {
    const char* to = match.At(from);
    if (to == nullptr) continue;
    if (want == Want::kCaptures) return match.PushCaptures(from, to);
    api.pushnumber(L, static_cast<double>(from - subject.data() + 1));
    api.pushnumber(L, static_cast<double>(to - subject.data()));
    return match.PushCaptures(nullptr, nullptr) + 2;
  } while (from++ < end && !anchored);
  api.pushnil(L);
  return 1;
}

int Find(lua_State* L) { return FindOrMatch(L, Want::kPositions); }
int MatchText(lua_State* L) { return FindOrMatch(L, Want::kCaptures); }

// Upvalues: subject, pattern, where to go on.
int NextMatch(lua_State* L) {
  const LuaApi& api = Api();
  const Bytes subject = api.tobytes(L, lua_upvalueindex(1));
  PatternMatch match(L, subject, api.tobytes(L, lua_upvalueindex(2)));
  for (const char* from = subject.data() + static_cast<size_t>(api.tonumber(L, lua_upvalueindex(3)));
       from <= match.end(); ++from) {
    const char* to = match.At(from);
    if (to == nullptr) continue;
    const ptrdiff_t next = to - subject.data() + (to == from ? 1 : 0);
    api.pushnumber(L, static_cast<double>(next));
    api.replace(L, lua_upvalueindex(3));
    return match.PushCaptures(from, to);
  }
  return 0;
}

int GMatch(lua_State* L) {
  const LuaApi& api = Api();
  CheckText(L, 1);
  CheckText(L, 2);
  api.settop(L, 2);
  api.pushnumber(L, 0);
  api.pushcclosure(L, NextMatch, 3);
  return 1;
}

// Appends what replaces the match [from, to); the replacement is argument 3.
void Replace(lua_State* L, PatternMatch& match, luaL_Buffer* out, const char* from, const char* to) {
  const LuaApi& api = Api();
  const int type = api.type(L, 3);
  if (type == LUA_TSTRING || type == LUA_TNUMBER) {
    const Bytes text = api.tobytes(L, 3);
    Charge(L, 1 + text.size() / 16);
    size_t plain = 0;
    for (size_t i = 0; i < text.size(); ++i) {
      if (text[i] != '%') continue;
      api.aux_addlstring(out, text.data() + plain, i - plain);
      const char c = ++i < text.size() ? text[i] : '\0';
      plain = i;                                             // after '%' any character but a digit stands for itself
      if (i == text.size()) api.aux_addlstring(out, "", 1);  // Lua 5.1 adds the zero behind the text
      if (c < '0' || c > '9') continue;
      plain = i + 1;
      if (c == '0') {
        api.aux_addlstring(out, from, static_cast<size_t>(to - from));
      } else {
        match.PushCapture(c - '1', from, to);
        api.aux_addvalue(out);
      }
    }
    if (plain < text.size()) api.aux_addlstring(out, text.data() + plain, text.size() - plain);
    return;
  }
  CheckDepth(L);
  if (type == LUA_TFUNCTION) {
    api.pushvalue(L, 3);
    api.call(L, match.PushCaptures(from, to), 1);
  } else {
    match.PushCapture(0, from, to);
    api.gettable(L, 3);
  }
  if (!api.toboolean(L, -1)) {
    api.pop(L, 1);
    api.pushlstring(L, from, static_cast<size_t>(to - from));
  } else if (!api.isstring(L, -1)) {
    api.aux_error(L, "invalid replacement value (a %s)", api.type_name(L, api.type(L, -1)));
  }
  api.aux_addvalue(out);
}

int GSub(lua_State* L) {
  const LuaApi& api = Api();
  const Bytes subject = CheckText(L, 1);
  Bytes pattern = CheckText(L, 2);
  const bool anchored = pattern.starts_with('^');
  if (anchored) pattern.remove_prefix(1);
  const int type = api.type(L, 3);
  const ptrdiff_t limit = api.aux_optinteger(L, 4, static_cast<ptrdiff_t>(subject.size()) + 1);
  if (type != LUA_TNUMBER && type != LUA_TSTRING && type != LUA_TFUNCTION && type != LUA_TTABLE) {
    api.aux_argerror(L, 3, "string/function/table expected");
  }
  PatternMatch match(L, subject, pattern);
  luaL_Buffer out;
  api.aux_buffinit(L, &out);
  const char* at = match.begin();
  const char* kept = at;  // [kept, at) is to be copied
  ptrdiff_t count = 0;
  while (count < limit) {
    const char* to = match.At(at);
    if (to != nullptr) {
      ++count;
      api.aux_addlstring(&out, kept, static_cast<size_t>(at - kept));
      Replace(L, match, &out, at, to);
      kept = to;
    }
    if (to != nullptr && to > at) {
      at = to;
    } else if (at < match.end()) {
      ++at;
    } else {
      break;
    }
    if (anchored) break;
  }
  api.aux_addlstring(&out, kept, static_cast<size_t>(match.end() - kept));
  api.aux_pushresult(&out);
  api.pushnumber(L, static_cast<double>(count));
  return 2;
}

// Upvalue 1: Lua's own rep.
int Rep(lua_State* L) {
  const LuaApi& api = Api();
  const Bytes text = CheckText(L, 1);
  const ptrdiff_t count = api.aux_checkinteger(L, 2);
  api.settop(L, 2);
  if (count > 0 && !text.empty()) {
    const HostState& state = StateOf(L);
    const size_t room = std::min<size_t>(state.limit - std::min(state.used, state.limit), 0x7fffff00);
    if (static_cast<size_t>(count) > room / text.size()) RaiseText(L, "not enough memory");
    Charge(L, text.size() * static_cast<size_t>(count) / 16);
  }
  api.pushvalue(L, lua_upvalueindex(1));
  api.insert(L, 1);
  api.call(L, 2, 1);
  return 1;
}

// --- format ---

constexpr size_t kSpecBytes = 16;  // "%-+ #099.99lld"

// One conversion: the text from '%' to the letter.
struct Spec {
  char text[kSpecBytes];
  int size = 0;
  bool left = false;
  int width = 0;
  int precision = -1;
  char letter = 0;
};

// Reads the conversion at `p`, just after the '%'.
const char* ReadSpec(lua_State* L, const char* p, const char* end, Spec* spec) {
  spec->text[spec->size++] = '%';
  const char* begin = p;
  auto digits = [&](int* value) {
    for (int i = 0; i < 2 && p < end && *p >= '0' && *p <= '9'; ++i) *value = *value * 10 + (*p++ - '0');
  };
  while (p < end && *p != '\0' && std::strchr("-+ #0", *p) != nullptr) spec->left |= *p++ == '-';
  if (p - begin >= 6) RaiseTextHere(L, "invalid format (repeated flags)");
  digits(&spec->width);
  if (p < end && *p == '.') {
    ++p;
    spec->precision = 0;
    digits(&spec->precision);
  }
  if (p < end && *p >= '0' && *p <= '9') RaiseTextHere(L, "invalid format (width or precision too long)");
  std::memcpy(spec->text + 1, begin, static_cast<size_t>(p - begin));
  spec->size += static_cast<int>(p - begin);
  spec->letter = p < end ? *p++ : '\0';
  return p;
}

void AddInteger(luaL_Buffer* out, Spec& spec, long long value) {
  const char tail[] = {'l', 'l', spec.letter, '\0'};
  std::memcpy(spec.text + spec.size, tail, sizeof tail);
  char text[128];
  const int size = std::snprintf(text, sizeof text, spec.text, value);
  Api().aux_addlstring(out, text, static_cast<size_t>(size));
}

long long ToLongLong(double value) {
  if (value >= -9223372036854775808.0 && value < 9223372036854775808.0) return static_cast<long long>(value);
  if (value >= 9223372036854775808.0 && value < 18446744073709551616.0) {
    return static_cast<long long>(static_cast<unsigned long long>(value));
  }
  return INT64_MIN;
}

void AddPadded(luaL_Buffer* out, const Spec& spec, Bytes text) {
  const LuaApi& api = Api();
  static constexpr Bytes kSpaces =
      "                                                                "
      "                                   ";
  static_assert(kSpaces.size() == 99);
  const size_t pad = text.size() < static_cast<size_t>(spec.width) ? spec.width - text.size() : 0;
  if (!spec.left) api.aux_addlstring(out, kSpaces.data(), pad);
  api.aux_addlstring(out, text.data(), text.size());
  if (spec.left) api.aux_addlstring(out, kSpaces.data(), pad);
}

// printf's e, f and g, in the C locale: LuaJIT's own round ties away from zero.
void AddReal(luaL_Buffer* out, const Spec& spec, double value) {
  const Bytes flags(spec.text + 1, static_cast<size_t>(spec.size - 1));
  const auto has = [&](char flag) {
    return flags.substr(0, flags.find_first_of("123456789.")).find(flag) != Bytes::npos;
  };
  const bool upper = spec.letter == 'E' || spec.letter == 'G', special = !std::isfinite(value), all = has('#');
  const char letter = static_cast<char>(spec.letter | 0x20);
  int precision = spec.precision < 0 ? 6 : spec.precision;
  const double magnitude = std::fabs(value);
  char digits[512];
  const auto print = [&](std::chars_format form) {
    return std::to_chars(digits, digits + sizeof digits - 1, magnitude, form, precision).ptr;
  };
  char* end = nullptr;
  if (special || letter != 'g') {
    end = print(letter == 'e' ? std::chars_format::scientific : std::chars_format::fixed);
  } else {
    precision = std::max(precision, 1);
    if (all) {
      // As many digits as were asked for, zeros included: which form depends on the exponent.
      end = print(std::chars_format::scientific);
      int exponent = 0;
      const char* e = std::find(digits, end, 'e') + 1;
      std::from_chars(e + (*e == '+' ? 1 : 0), end, exponent);
      const bool fixed = exponent >= -4 && exponent < precision;
      precision -= fixed ? exponent + 1 : 1;
      end = print(fixed ? std::chars_format::fixed : std::chars_format::scientific);
    } else {
      end = print(std::chars_format::general);
    }
  }
  if (all && !special && std::find(digits, end, '.') == end) {
    char* const at = std::find(digits, end, 'e');
    std::copy_backward(at, end, end + 1);
    *at = '.';
    ++end;
  }
  if (upper)
    std::transform(digits, end, digits, [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  char text[640];
  char* to = text;
  if (std::signbit(value)) {
    *to++ = '-';
  } else if (has('+')) {
    *to++ = '+';
  } else if (has(' ')) {
    *to++ = ' ';
  }
  const auto used = static_cast<int>(to - text + (end - digits));
  if (has('0') && !spec.left && !special) to = std::fill_n(to, std::max(spec.width - used, 0), '0');
  to = std::copy(digits, end, to);
  AddPadded(out, spec, Bytes(text, static_cast<size_t>(to - text)));
}

void AddQuoted(luaL_Buffer* out, Bytes text) {
  const LuaApi& api = Api();
  api.aux_addlstring(out, "\"", 1);
  size_t plain = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    Bytes escaped;
    switch (text[i]) {
      case '"':
        escaped = "\\\"";
        break;
      case '\\':
        escaped = "\\\\";
        break;
      case '\n':
        escaped = "\\\n";
        break;
      case '\r':
        escaped = "\\r";
        break;
      case '\0':
        escaped = "\\000";
        break;
      default:
        continue;
    }
    api.aux_addlstring(out, text.data() + plain, i - plain);
    api.aux_addlstring(out, escaped.data(), escaped.size());
    plain = i + 1;
  }
  api.aux_addlstring(out, text.data() + plain, text.size() - plain);
  api.aux_addlstring(out, "\"", 1);
}

int Format(lua_State* L) {
  const LuaApi& api = Api();
  const Bytes format = CheckText(L, 1);
  const int last = api.gettop(L);
  Charge(L, format.size() / 4);
  luaL_Buffer out;
  api.aux_buffinit(L, &out);
  int argument = 1;
  const char* end = format.data() + format.size();
  for (const char* p = format.data(); p < end;) {
    const auto* percent = static_cast<const char*>(std::memchr(p, '%', static_cast<size_t>(end - p)));
    if (percent == nullptr) percent = end;
    api.aux_addlstring(&out, p, static_cast<size_t>(percent - p));
    if (percent == end) break;
    p = percent + 1;
    if (p < end && *p == '%') {
      api.aux_addlstring(&out, p++, 1);
      continue;
    }
    if (++argument > last) api.aux_argerror(L, argument, "no value");
    Spec spec;
    p = ReadSpec(L, p, end, &spec);
    switch (spec.letter) {
      case 'c': {
        const char c = static_cast<char>(static_cast<int>(api.aux_checknumber(L, argument)));
        AddPadded(&out, spec, Bytes(&c, c == '\0' ? 0 : 1));
        break;
      }
      case 'd':
      case 'i':
      case 'o':
      case 'u':
      case 'x':
      case 'X':
        AddInteger(&out, spec, ToLongLong(api.aux_checknumber(L, argument)));
        break;
      case 'e':
      case 'E':
      case 'f':
      case 'g':
      case 'G': {
        AddReal(&out, spec, api.aux_checknumber(L, argument));
        break;
      }
      case 'q': {
        const Bytes text = CheckText(L, argument);
        Charge(L, text.size() / 4);
        AddQuoted(&out, text);
        break;
      }
      case 's': {
        Bytes text = CheckText(L, argument);
        Charge(L, text.size() / 16);
        if (spec.precision >= 0) text = text.substr(0, static_cast<size_t>(spec.precision));
        AddPadded(&out, spec, text);
        break;
      }
      default:
        return spec.letter == '\0' ? api.aux_error(L, "invalid option '%%' to 'format'")
                                   : api.aux_error(L, "invalid option '%%%c' to 'format'", spec.letter);
    }
  }
  api.aux_pushresult(&out);
  return 1;
}

constexpr Function kFunctions[] = {
    {"find", Find}, {"match", MatchText}, {"gmatch", GMatch}, {"gfind", GMatch}, {"gsub", GSub}, {"format", Format},
};
constexpr Function kWrapped[] = {
    {"rep", Rep},
    {"upper", ChargedByText},
    {"lower", ChargedByText},
    {"reverse", ChargedByText},
};

}  // namespace

void PatchStringLibrary(lua_State* L) {
  const LuaApi& api = Api();
  SetFunctions(L, kFunctions, std::size(kFunctions));
  for (const Function& wrapped : kWrapped) {
    api.getfield(L, -1, wrapped.name);
    api.pushcclosure(L, wrapped.function, 1);
    api.setfield(L, -2, wrapped.name);
  }
}

}  // namespace dualis::lua
