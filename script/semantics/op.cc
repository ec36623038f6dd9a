#include "script/semantics/op.h"

#include <algorithm>
#include <array>
#include <unordered_map>

namespace dualis::script {
namespace {

constexpr OpInfo MakeInfo(Op op, Bytes name, Bytes arguments, Bytes result, Effect effect, Bytes lua, Bytes sentence,
                          OpFunction function) {
  OpInfo info{op, name, function};
  for (size_t at = 0; at < arguments.size();) {
    const size_t end = std::min(arguments.find(' ', at), arguments.size());
    Bytes word = arguments.substr(at, end - at);
    at = end + 1;
    info.params[info.max_args++] = KindsOf(word);
    if (word.back() == '*') {
      info.max_args = SIZE_MAX;
    } else if (word.back() != '?') {
      ++info.min_args;
    }
  }
  info.result = KindsOf(result);
  info.effect = effect == kEffect;
  info.lua = lua;
  info.sentence = sentence;
  info.arguments = arguments;
  return info;
}

constexpr std::array kOps = {
#define OP(id, name, arguments, result, effect, lua, sentence) \
  MakeInfo(Op::k##id, name, arguments, result, effect, lua, sentence, &ops::id),
#include "script/semantics/ops.def"
#undef OP
};
static_assert(kOps.size() == static_cast<size_t>(Op::kCount));

}  // namespace

const OpInfo& InfoOf(Op op) { return kOps[static_cast<size_t>(op)]; }

const OpInfo* FindOp(Bytes name) {
  for (const OpInfo& info : kOps) {
    if (info.name == name) return &info;
  }
  return nullptr;
}

std::string KindsText(Kinds kinds) {
  std::string text;
  for (int i = 0; i < 6; ++i) {
    if (!(kinds >> i & 1)) continue;
    if (!text.empty()) text += " or ";
    text += KindName(static_cast<Value::Kind>(i));
  }
  return text;
}

Value OpContext::Fail(Bytes op, Bytes why) {
  std::string text = "ERR ";
  text.append(op).append(": ").append(why);
  return Fail(Error(ErrorCode::kErr, text));
}

namespace {

// What a container takes beside its items, and an item of each kind.
constexpr uint64_t kContainerBytes = 64, kEntryBytes = 96;

struct Size {
  uint64_t parts = 1;
  uint64_t bytes = 0;
};

// As a tree, in which what is shared counts as often as it occurs; each object is looked at once. Far beyond what can
// be walked the numbers stand still.
Size TreeSize(const Value& v, std::unordered_map<const void*, Size>& known, int depth) {
  constexpr uint64_t kMost = uint64_t{1} << 50;
  if (!v.counted() || depth > kMaxNesting) return {};
  if (v.is_bytes()) return {1 + v.bytes().size() / 64, v.bytes().size()};
  if (v.rep()->nested) {
    if (const auto found = known.find(v.rep()); found != known.end()) return found->second;
  }
  Size size{1, OpContext::DirectBytes(v)};
  const auto add = [&](const Value& item) {
    const Size part = TreeSize(item, known, depth + 1);
    size = {std::min(size.parts + part.parts, kMost), std::min(size.bytes + part.bytes, kMost)};
  };
  if (v.is_list()) {
    for (const Value& item : v.items()) add(item);
  } else {
    for (const auto& [key, item] : v.entries()) add(item);
  }
  if (v.rep()->nested) known.emplace(v.rep(), size);
  return size;
}

// The longest walk even where nothing is limited: no operation can be stopped halfway.
constexpr uint64_t kLongestWalk = uint64_t{1} << 28;

}  // namespace

uint64_t OpContext::DirectBytes(const Value& v) {
  if (v.is_bytes()) return v.bytes().size() + kContainerBytes;
  if (v.is_list()) return v.items().capacity() * sizeof(Value) + kContainerBytes;
  uint64_t bytes = kContainerBytes;
  for (const auto& [key, item] : v.entries()) bytes += kEntryBytes + key.size();
  return bytes;
}

bool OpContext::Weigh(const Value& made) {
  if (!made.counted()) return true;
  const uint64_t parts = made.is_bytes()  ? made.bytes().size() / 1024
                         : made.is_list() ? made.items().size() / 4
                                          : made.entries().size();
  return Spend(parts) && Take(DirectBytes(made));
}

bool OpContext::BeginWalk(const Value& over, Walk walk) {
  if (!over.counted()) return true;
  std::unordered_map<const void*, Size> known;
  const Size size = TreeSize(over, known, 0);
  if (size.parts > kLongestWalk) {
    Fail(Error(ErrorCode::kOom, "OOM a value of a script is too large"));
    return false;
  }
  return Spend(size.parts) && (walk == Walk::kLook || Take(size.bytes));
}

std::string KindError(const OpInfo& info, size_t argument, Bytes got) {
  std::string text = "ERR ";
  text.append(info.name).append(": argument ").append(std::to_string(argument + 1)).append(" must be ");
  return text.append(KindsText(info.param(argument))).append(", not ").append(got);
}

Value RunOp(const OpInfo& info, OpContext& cx, Value* args, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    if (!(info.param(i) & Only(args[i].kind()))) {
      return cx.Fail(Error(ErrorCode::kErr, KindError(info, i, KindName(args[i].kind()))));
    }
  }
  return info.function(cx, args, count);
}

}  // namespace dualis::script
