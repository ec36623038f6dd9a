#include "script/semantics/op.h"

#include <array>

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
