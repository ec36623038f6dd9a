// Op: an operation of a script, and its row of ops.def.
#ifndef DUALIS_SCRIPT_SEMANTICS_OP_H_
#define DUALIS_SCRIPT_SEMANTICS_OP_H_

#include <functional>
#include <string>

#include "dualis/error.h"
#include "script/semantics/value.h"

namespace dualis::script {

// A set of kinds.
using Kinds = uint8_t;
constexpr Kinds Only(Value::Kind kind) { return static_cast<Kinds>(1u << static_cast<int>(kind)); }
inline constexpr Kinds kAnyKind = 0x3f;
constexpr Kinds KindsOf(Bytes letters) {
  Kinds kinds = 0;
  for (char c : letters) {
    const size_t i = Bytes("zbnsld").find(c);
    kinds |= c == 'a' ? kAnyKind : i == Bytes::npos ? 0 : static_cast<Kinds>(1u << i);
  }
  return kinds;
}
// "number", "bytes or number", ...: for messages.
std::string KindsText(Kinds kinds);

enum class Op : uint8_t {
#define OP(id, name, arguments, result, effect, lua, sentence) k##id,
#include "script/semantics/ops.def"
#undef OP
  kCount,
};

enum Effect : uint8_t { kPure, kEffect };

struct OpContext;

// Watches over a script that computes: it is asked when the work or the room that it granted last is used up.
class Watch {
 public:
  virtual ~Watch() = default;
  // Grants more work or room, or leaves a failure and returns false.
  virtual bool MoreWork(OpContext& cx, uint64_t wanted) = 0;
  virtual bool MoreRoom(OpContext& cx, uint64_t wanted) = 0;
};

// What an operation needs beside its operands, and where it leaves its failure. After a failure its value is None.
struct OpContext {
  std::function<void(Bytes level, Bytes text)> log;
  bool failed = false;
  Error error;
  // Steps that may be done and bytes that may be taken before `watch`, if there is one, is asked.
  uint64_t work = UINT64_MAX;
  uint64_t room = UINT64_MAX;
  Watch* watch = nullptr;

  // Counts steps: one for a statement and an operation, more for one that walks through much. False, and a failure, if
  // the script has to end.
  bool Spend(uint64_t steps) {
    if (steps > work) [[unlikely]] {
      return watch != nullptr && watch->MoreWork(*this, steps);
    }
    work -= steps;
    return true;
  }
  // Counts bytes that a new value takes, before it is made if that may be many.
  bool Take(uint64_t bytes) {
    if (bytes > room) [[unlikely]] {
      return watch != nullptr && watch->MoreRoom(*this, bytes);
    }
    room -= bytes;
    return true;
  }
  // What lies directly in a counted value.
  static uint64_t DirectBytes(const Value& v);
  // Counts a value that was made just now, without what its items hold.
  bool Weigh(const Value& made);
  // Before a deep walk: counts each part as often as the walk comes by, and twice as many bytes of room if the walk
  // copies.
  enum class Walk : uint8_t { kLook, kCopy };
  bool BeginWalk(const Value& over, Walk walk);

  // "ERR op: why". Returns None.
  Value Fail(Bytes op, Bytes why);
  Value Fail(Error e) {
    failed = true;
    error = std::move(e);
    return Value();
  }
};

using OpFunction = Value (*)(OpContext&, Value* args, size_t count);

inline constexpr size_t kMaxParams = 4;

struct OpInfo {
  Op op;
  Bytes name;
  OpFunction function;  // requires arguments of the right number and kinds
  Kinds params[kMaxParams] = {};
  size_t min_args = 0;
  size_t max_args = 0;  // SIZE_MAX: the last parameter repeats
  Kinds result = 0;
  bool effect = false;
  Bytes lua;
  Bytes sentence;
  Bytes arguments;  // the column as written

  Kinds param(size_t i) const { return max_args == SIZE_MAX ? params[0] : params[i]; }
};

const OpInfo& InfoOf(Op op);
// Null if there is no such operation.
const OpInfo* FindOp(Bytes name);

// Checks the kinds, then runs the operation. The only way in for callers that have not checked them.
Value RunOp(const OpInfo& info, OpContext& cx, Value* args, size_t count);
// "ERR add: argument 1 must be number, not bytes": what RunOp and the Lua functions say.
std::string KindError(const OpInfo& info, size_t argument, Bytes got);

// The bodies that the interpreter calls directly.
namespace ops {
#define OP(id, name, arguments, result, effect, lua, sentence) Value id(OpContext&, Value* args, size_t count);
#include "script/semantics/ops.def"
#undef OP

// -1, 0 or 1 by bytes.
inline int CompareBytes(Bytes a, Bytes b) {
  const int c = a.compare(b);
  return c < 0 ? -1 : c > 0;
}
// The text of a key of a dict. Requires: bytes or number.
inline Bytes KeyText(const Value& key, char* buffer) {
  return key.is_bytes() ? key.bytes() : NumberText(key.number(), buffer);
}
// Stores `item` in `container`, after the check that it does not contain it. False after a failure.
bool MayStore(OpContext& cx, Bytes op, const Value& container, const Value& item);
}  // namespace ops

}  // namespace dualis::script

#endif  // DUALIS_SCRIPT_SEMANTICS_OP_H_
