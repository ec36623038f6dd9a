#include "engine/lua/lua_reply.h"

#include <algorithm>
#include <cmath>

#include "engine/lua/host_state.h"

namespace dualis::lua {
namespace {

// Redis gives up when PUC Lua's stack of 8000 slots is full. A level of an array takes one slot there, a level of a map
// or set three; we count the same way, so that the same reply is cut at the same depth.
constexpr int kStackSlots = 8000;
constexpr int kSlotsNeeded = 4;
constexpr Error::Rep kTooDeep = {ErrorCode::kErr, "ERR reached lua stack limit"};

// A C cast of what does not fit is undefined; on the machines Redis runs on it gives this.
int64_t Truncate(double value) {
  if (!(value > -9223372036854775808.0 && value < 9223372036854775808.0)) return INT64_MIN;
  return static_cast<int64_t>(value);
}

struct Emitter {
  const LuaApi& api;
  lua_State* L;
  int resp;
  ReplySink& sink;

  // Leaves t[name] above the table on top of the stack if it has the type, else nothing.
  bool Field(Name name, int type) {
    PushName(L, name);
    api.rawget(L, -2);
    if (api.type(L, -1) == type) return true;
    api.pop(L, 1);
    return false;
  }

  // A text that must stay on one line. The copy is rare.
  template <class Emit>
  void Line(Bytes text, Emit emit) {
    if (text.find_first_of("\r\n") == Bytes::npos) return emit(text);
    try {
      std::string copy(text);
      for (char& c : copy) {
        if (c == '\r' || c == '\n') c = ' ';
      }
      emit(copy);
    } catch (const std::bad_alloc&) {
      emit(Bytes());
    }
  }

  // Emits the value on top of the stack and leaves it there.
  void Value(int slots) {
    if (slots + kSlotsNeeded > kStackSlots || !api.checkstack(L, kSlotsNeeded)) {
      sink.Error(dualis::Error(&kTooDeep));
      return;
    }
    switch (api.type(L, -1)) {
      case LUA_TSTRING:
        sink.Bulk(api.tobytes(L, -1));
        return;
      case LUA_TNUMBER:
        sink.Int(Truncate(api.tonumber(L, -1)));
        return;
      case LUA_TBOOLEAN:
        if (resp == 3) {
          sink.Bool(api.toboolean(L, -1) != 0);
        } else if (api.toboolean(L, -1)) {
          sink.Int(1);
        } else {
          sink.Null();
        }
        return;
      case LUA_TTABLE:
        Table(slots);
        return;
      default:
        sink.Null();
    }
  }

  void Table(int slots) {
    if (Field(Name::kErr, LUA_TSTRING)) {
      std::string text;
      try {
        text = api.tobytes(L, -1);
        OneLine(text);
      } catch (const std::bad_alloc&) {
        text.clear();
      }
      sink.Error(dualis::Error::FromReply(text));
    } else if (Field(Name::kOk, LUA_TSTRING)) {
      Line(api.tobytes(L, -1), [&](Bytes text) { sink.Simple(text); });
    } else if (Field(Name::kDouble, LUA_TNUMBER)) {
      sink.Double(api.tonumber(L, -1));
    } else if (Field(Name::kMap, LUA_TTABLE)) {
      Couples(slots, Shape::kMap);
    } else if (Field(Name::kSet, LUA_TTABLE)) {
      Couples(slots, Shape::kSet);
    } else if (Field(Name::kBigNumber, LUA_TSTRING)) {
      Line(api.tobytes(L, -1), [&](Bytes digits) { sink.BigNumber(digits); });
    } else if (Verbatim()) {
      return;
    } else {
      Array(slots);
      return;
    }
    api.pop(L, 1);
  }

  bool Verbatim() {
    if (!Field(Name::kVerbatim, LUA_TTABLE)) return false;
    const bool text = Field(Name::kString, LUA_TSTRING);
    if (text) {
      PushName(L, Name::kFormat);
      api.rawget(L, -3);
      if (api.type(L, -1) == LUA_TSTRING) {
        sink.Verbatim(api.tobytes(L, -2), api.tobytes(L, -1));
        api.pop(L, 3);
        return true;
      }
      api.pop(L, 2);
    }
    api.pop(L, 1);
    return false;
  }

  // Of the table on top: a map's couples, or a set's keys.
  void Couples(int slots, Shape shape) {
    size_t count = 0;
    api.pushnil(L);
    while (api.next(L, -2)) {
      ++count;
      api.pop(L, 1);
    }
    sink.Begin(shape, count);
    api.pushnil(L);
    while (api.next(L, -2)) {
      if (shape == Shape::kSet) api.pop(L, 1);
      api.pushvalue(L, shape == Shape::kSet ? -1 : -2);
      Value(slots + 3);
      api.pop(L, 1);
      if (shape == Shape::kMap) {
        Value(slots + 3);
        api.pop(L, 1);
      }
    }
    sink.End();
  }

  void Array(int slots) {
    int count = 0;
    for (;; ++count) {
      api.rawgeti(L, -1, count + 1);
      const bool end = api.type(L, -1) == LUA_TNIL;
      api.pop(L, 1);
      if (end) break;
    }
    sink.Begin(Shape::kArray, static_cast<size_t>(count));
    for (int i = 1; i <= count; ++i) {
      api.rawgeti(L, -1, i);
      Value(slots + 1);
      api.pop(L, 1);
    }
    sink.End();
  }
};

}  // namespace

void OneLine(std::string& text) {
  const size_t end = text.find_last_not_of("\r\n");
  text.erase(end == std::string::npos ? 0 : end + 1);
  text.erase(0, std::min(text.find_first_not_of("\r\n"), text.size()));
  for (char& c : text) {
    if (c == '\r' || c == '\n') c = ' ';
  }
}

bool EmitResult(lua_State* L, int resp, ReplySink& sink, std::string* error) {
  Emitter emitter{Api(), L, resp, sink};
  if (emitter.api.type(L, 1) == LUA_TTABLE && emitter.Field(Name::kErr, LUA_TSTRING)) {
    try {
      *error = emitter.api.tobytes(L, -1);
      OneLine(*error);
    } catch (const std::bad_alloc&) {
      error->clear();
    }
    return true;
  }
  emitter.Value(2);
  return false;
}

}  // namespace dualis::lua
