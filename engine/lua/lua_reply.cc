#include "engine/lua/lua_reply.h"

#include <algorithm>
#include <cmath>
#include <new>
#include <vector>

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

// Walks a value with a stack of its own: a reply may be thousands of levels deep, and the host's thread stack small.
struct Emitter {
  const LuaApi& api;
  lua_State* L;
  int resp;
  ReplySink& sink;

  // An aggregate under way. Its table is on top of the Lua stack; in a walk by next() the present key lies above it.
  struct Level {
    Shape shape;
    int slots;
    int next = 0;             // kArray: elements emitted
    int count = 0;            // kArray: elements in all
    int above = 0;            // values to take off besides the value itself: the table that was inside it
    bool value_next = false;  // kMap: the key was emitted, its value is on top
  };
  std::vector<Level> levels;

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

  // Emits the value on top of the stack, with all that is inside it, and leaves it there.
  void Value(int slots) {
    Open(slots);
    while (!levels.empty()) {
      Level& level = levels.back();
      if (level.shape == Shape::kArray) {
        if (level.next == level.count) {
          Close();
        } else {
          api.rawgeti(L, -1, ++level.next);
          Child(level.slots + 1);
        }
      } else if (level.value_next) {
        level.value_next = false;
        Child(level.slots + 3);
      } else if (!api.next(L, -2)) {
        Close();
      } else {
        level.value_next = level.shape == Shape::kMap;
        if (!level.value_next) api.pop(L, 1);
        api.pushvalue(L, level.value_next ? -2 : -1);
        Child(level.slots + 3);
      }
    }
  }

  // The value on top: taken off again, now or when its level closes.
  void Child(int slots) {
    const size_t depth = levels.size();
    Open(slots);
    if (levels.size() == depth) api.pop(L, 1);
  }

  void Close() {
    sink.End();
    const int above = levels.back().above;
    levels.pop_back();
    api.pop(L, levels.empty() ? above : above + 1);
  }

  // Emits the value on top if it is a single one, or begins its aggregate.
  void Open(int slots) {
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
      return Couples(slots, Shape::kMap);
    } else if (Field(Name::kSet, LUA_TTABLE)) {
      return Couples(slots, Shape::kSet);
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

  // Begins the couples of a map, or the keys of a set: the table on top, which stays there until the level closes.
  void Couples(int slots, Shape shape) {
    int count = 0;
    api.pushnil(L);
    while (api.next(L, -2)) {
      ++count;
      api.pop(L, 1);
    }
    if (!Begin({.shape = shape, .slots = slots, .above = 1}, count)) return api.pop(L, 1);
    api.pushnil(L);
  }

  void Array(int slots) {
    int count = 0;
    for (;; ++count) {
      api.rawgeti(L, -1, count + 1);
      const bool end = api.type(L, -1) == LUA_TNIL;
      api.pop(L, 1);
      if (end) break;
    }
    Begin({.shape = Shape::kArray, .slots = slots, .count = count}, count);
  }

  // False, and an error instead of the aggregate, if there is no memory for its level.
  bool Begin(const Level& level, int count) {
    try {
      levels.push_back(level);
    } catch (const std::bad_alloc&) {
      sink.Error(dualis::Error(&kTooDeep));
      return false;
    }
    sink.Begin(level.shape, static_cast<size_t>(count));
    return true;
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
  Emitter emitter{Api(), L, resp, sink, {}};
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
