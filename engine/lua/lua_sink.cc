#include "engine/lua/lua_sink.h"

#include <algorithm>
#include <cstring>

#include "engine/core/number_text.h"
#include "engine/lua/host_state.h"

namespace dualis::lua {
namespace {

constexpr size_t kKeptBytes = 1 << 20;

}  // namespace

void LuaSink::Put(Kind kind, const void* payload, size_t size) noexcept {
  if (failed_) return;
  try {
    block_.push_back(static_cast<char>(kind));
    if (size > 0) block_.append(static_cast<const char*>(payload), size);
  } catch (const std::exception&) {  // bad_alloc or length_error
    failed_ = true;
  }
}

void LuaSink::PutBytes(Kind kind, Bytes bytes) noexcept {
  const uint64_t size = bytes.size();
  Put(kind, &size, sizeof size);
  if (failed_) return;
  try {
    block_.append(bytes);
  } catch (const std::exception&) {
    failed_ = true;
  }
}

void LuaSink::Bool(bool value) { Put(value ? Kind::kTrue : Kind::kFalse); }
void LuaSink::Int(int64_t value) { Put(Kind::kInt, &value, sizeof value); }
void LuaSink::Double(double value) { Put(Kind::kDouble, &value, sizeof value); }

void LuaSink::Decimal(double value) { Put(Kind::kDecimal, &value, sizeof value); }

void LuaSink::Verbatim(Bytes text, Bytes format) {
  PutBytes(Kind::kVerbatim, text);
  const uint64_t size = format.size();
  if (failed_) return;
  try {
    block_.append(reinterpret_cast<const char*>(&size), sizeof size).append(format);
  } catch (const std::exception&) {
    failed_ = true;
  }
}

void LuaSink::Begin(Shape shape, size_t count) {
  Kind kind = Kind::kArray;
  switch (shape) {
    case Shape::kArray:
    case Shape::kPush:
      break;
    case Shape::kSet:
      kind = Kind::kSet;
      break;
    case Shape::kMap:
      kind = Kind::kMap;
      break;
    case Shape::kPairs:
      kind = Kind::kPairs;
      break;
    case Shape::kEntries:
      kind = Kind::kEntries;
      break;
  }
  const uint64_t hint = count;
  Put(kind, &hint, sizeof hint);
}

void LuaSink::Clear() {
  if (block_.capacity() > kKeptBytes) std::string().swap(block_);
  block_.clear();
  failed_ = false;
}

// Walks the block. Only plain data: Lua may jump out of any function below.
struct LuaSink::Reader {
  const LuaApi& api;
  lua_State* L;
  const char* at;
  int resp;

  template <class T>
  T Take() {
    T value;
    std::memcpy(&value, at, sizeof value);
    at += sizeof value;
    return value;
  }
  Bytes TakeBytes() {
    const auto size = Take<uint64_t>();
    const Bytes bytes(at, size);
    at += size;
    return bytes;
  }
  bool AtEnd() const { return static_cast<Kind>(*at) == Kind::kEnd; }

  // {name = value}, for the value on top of the stack.
  void Wrap(Name name) {
    api.createtable(L, 0, 1);
    api.insert(L, -2);
    PushName(L, name);
    api.insert(L, -2);
    api.rawset(L, -3);
  }

  void Push() {
    if (!api.checkstack(L, 8)) RaiseText(L, "reply is nested too deep");
    switch (static_cast<Kind>(*at++)) {
      case Kind::kNull:
        resp == 2 ? api.pushboolean(L, 0) : api.pushnil(L);
        return;
      case Kind::kFalse:
        resp == 2 ? api.pushnumber(L, 0) : api.pushboolean(L, 0);
        return;
      case Kind::kTrue:
        resp == 2 ? api.pushnumber(L, 1) : api.pushboolean(L, 1);
        return;
      case Kind::kInt:
        api.pushnumber(L, static_cast<double>(Take<int64_t>()));
        return;
      case Kind::kDouble:
        PushDouble(Take<double>());
        return;
      case Kind::kDecimal:
        PushDecimal(Take<double>());
        return;
      case Kind::kBulk:
        api.pushbytes(L, TakeBytes());
        return;
      case Kind::kBigNumber:
        api.pushbytes(L, TakeBytes());
        if (resp == 3) Wrap(Name::kBigNumber);
        return;
      case Kind::kSimple:
        api.pushbytes(L, TakeBytes());
        Wrap(Name::kOk);
        return;
      case Kind::kError:
        api.pushbytes(L, TakeBytes());
        Wrap(Name::kErr);
        return;
      case Kind::kVerbatim:
        PushVerbatim();
        return;
      case Kind::kArray:
        PushArray();
        return;
      case Kind::kSet:
        resp == 2 ? PushArray() : PushSet();
        return;
      case Kind::kMap:
        resp == 2 ? PushArray(2) : PushMap();
        return;
      case Kind::kPairs:
        resp == 2 ? PushArray(2) : PushCouples();
        return;
      case Kind::kEntries:
        resp == 2 ? PushCouples() : PushMap();
        return;
      case Kind::kEnd:
        break;
    }
    api.pushnil(L);  // an End without a Begin: a broken command, not worth a crash
  }

  void PushDouble(double value) {
    if (resp == 3) {
      api.pushnumber(L, value);
      Wrap(Name::kDouble);
      return;
    }
    char buffer[kDoubleChars];
    api.pushbytes(L, FormatDouble(value, buffer));
  }

  void PushDecimal(double value) {
    if (resp == 3) return PushDouble(value);
    char buffer[kLongDoubleChars];
    api.pushbytes(L, FormatLongDouble(value, buffer));
  }

  void PushVerbatim() {
    const Bytes text = TakeBytes();
    const Bytes format = TakeBytes();
    if (resp == 2) {
      api.pushbytes(L, text);
      return;
    }
    api.createtable(L, 0, 2);
    PushName(L, Name::kFormat);
    api.pushbytes(L, format);
    api.rawset(L, -3);
    PushName(L, Name::kString);
    api.pushbytes(L, text);
    api.rawset(L, -3);
    Wrap(Name::kVerbatim);
  }

  // The count is a hint: it may be unknown.
  int TakeHint(int per_unit = 1) {
    const auto count = Take<uint64_t>();
    return count == kUnknownCount ? 0 : static_cast<int>(std::min<uint64_t>(count, 1 << 20)) * per_unit;
  }

  void PushArray(int per_unit = 1) {
    api.createtable(L, TakeHint(per_unit), 0);
    for (int i = 1; !AtEnd(); ++i) {
      Push();
      api.rawseti(L, -2, i);
    }
    ++at;
  }

  void PushCouples() {
    api.createtable(L, TakeHint(), 0);
    for (int i = 1; !AtEnd(); ++i) {
      api.createtable(L, 2, 0);
      for (int j = 1; j <= 2 && !AtEnd(); ++j) {
        Push();
        api.rawseti(L, -2, j);
      }
      api.rawseti(L, -2, i);
    }
    ++at;
  }

  void PushMap() {
    api.createtable(L, 0, TakeHint());
    while (!AtEnd()) {
      Push();
      if (AtEnd()) {
        api.pop(L, 1);
        break;
      }
      Push();
      Store();
    }
    ++at;
    Wrap(Name::kMap);
  }

  void PushSet() {
    api.createtable(L, 0, TakeHint());
    while (!AtEnd()) {
      Push();
      api.pushboolean(L, 1);
      Store();
    }
    ++at;
    Wrap(Name::kSet);
  }

  // t[key] = value; a null cannot be a key.
  void Store() {
    if (api.type(L, -2) == LUA_TNIL) {
      api.pop(L, 2);
    } else {
      api.rawset(L, -3);
    }
  }
};

void LuaSink::Push(lua_State* L, int resp) const {
  Reader reader{Api(), L, block_.data(), resp};
  reader.Push();
}

}  // namespace dualis::lua
