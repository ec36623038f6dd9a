// LuaSink: the reply of redis.call. Events are noted in one flat block while the command runs, and become Lua values
// when it is over: pushing a value can raise a Lua error (no memory, no stack), which would jump over the frames of the
// command with their destructors.
//
//   block := event ...      event := | kind u8 | payload |
//   payload: nothing, u8 (boolean), i64, double, count u64 (Begin), or | size u64 | bytes | (twice for verbatim)
#ifndef DUALIS_ENGINE_LUA_LUA_SINK_H_
#define DUALIS_ENGINE_LUA_LUA_SINK_H_

#include <string>

#include "dualis/reply.h"
#include "engine/lua/lua_api.h"

namespace dualis::lua {

class LuaSink final : public ReplySink {
 public:
  void Null() override { Put(Kind::kNull); }
  void NullArray() override { Put(Kind::kNull); }
  void Bool(bool value) override;
  void Int(int64_t value) override;
  void Double(double value) override;
  void Decimal(double value) override;
  void BigNumber(Bytes digits) override { PutBytes(Kind::kBigNumber, digits); }
  void Bulk(Bytes value) override { PutBytes(Kind::kBulk, value); }
  void Simple(Bytes text) override { PutBytes(Kind::kSimple, text); }
  void Verbatim(Bytes text, Bytes format) override;
  void Error(const dualis::Error& error) override { PutBytes(Kind::kError, error.message()); }
  void Begin(Shape shape, size_t count) override;
  void End() override { Put(Kind::kEnd); }

  // Forgets the reply, and gives back the memory of an unusually large one.
  void Clear();
  // True if memory was short: the reply is incomplete.
  bool failed() const { return failed_; }
  bool empty() const { return block_.empty(); }

  // Pushes the reply as Redis converts it for a script that speaks RESP2 or RESP3. May raise a Lua error.
  // Requires: a complete reply, not failed().
  void Push(lua_State* L, int resp) const;

 private:
  enum class Kind : char {
    kNull,
    kFalse,
    kTrue,
    kInt,
    kDouble,
    kDecimal,
    kBigNumber,
    kBulk,
    kSimple,
    kVerbatim,
    kError,
    kEnd,
    kArray,
    kSet,
    kMap,
    kPairs,
    kEntries,
  };
  struct Reader;

  void Put(Kind kind, const void* payload = nullptr, size_t size = 0) noexcept;
  void PutBytes(Kind kind, Bytes bytes) noexcept;

  std::string block_;
  bool failed_ = false;
};

}  // namespace dualis::lua

#endif  // DUALIS_ENGINE_LUA_LUA_SINK_H_
