#include <algorithm>

#include "script/ir/program.h"

namespace dualis::script::ir {

NodePtr MakeNode(Node node) {
  if (node.kind == NodeKind::kOp) node.effect = InfoOf(node.op).effect;
  if (node.kind == NodeKind::kCall || node.kind == NodeKind::kFunction) node.effect = true;
  uint32_t height = 0;
  for (const NodePtr& arg : node.args) {
    height = std::max(height, arg->height);
    node.size = std::min<uint64_t>(node.size + arg->size, uint64_t{1} << 40);
    if (!node.origin) node.origin = arg->origin;
  }
  node.height = height + 1;
  if (node.height > kMaxHeight) node.args.clear();
  return std::make_shared<const Node>(std::move(node));
}

NodePtr MakeLiteral(Value value) {
  Node node{NodeKind::kLiteral};
  node.literal = value.Copy();
  return MakeNode(std::move(node));
}

void SetAdapt(Node& call) {
  call.adapt = AdaptOf(call.command, call.args.size(), [&call](size_t i) {
    const Node& word = *call.args[i];
    return word.kind == NodeKind::kLiteral && word.literal.is_bytes() ? word.literal.bytes() : Bytes();
  });
}

Result<Value> RunExternal(const Extern& external, std::span<Value> arguments) {
  const OpInfo& info = external.info;
  OpContext cx;
  if (!external.function.native) {
    cx.Fail(info.name, "has no body in C++");
    return cx.error;
  }
  for (size_t i = 0; i < arguments.size(); ++i) {
    if (info.param(i) & Only(arguments[i].kind())) continue;
    return Error(ErrorCode::kErr, KindError(info, i, KindName(arguments[i].kind())));
  }
  Result<Value> result = external.function.native(arguments);
  if (result.ok() && !(info.result & Only(result->kind()))) {
    std::string why = "must give " + KindsText(info.result) + ", not ";
    cx.Fail(info.name, why.append(KindName(result->kind())));
    return cx.error;
  }
  return result;
}

Kinds KindsOfNode(const ProgramData& program, const Node& node) {
  switch (node.kind) {
    case NodeKind::kLiteral:
      return Only(node.literal.kind());
    case NodeKind::kVar:
      return program.vars[node.index].kinds;
    case NodeKind::kKey:
      return KindsOf("s");
    case NodeKind::kArg:
      return kAnyKind;
    case NodeKind::kAnd:
    case NodeKind::kOr:
      return KindsOfNode(program, *node.args[0]) | KindsOfNode(program, *node.args[1]);
    case NodeKind::kIfElse:
      return KindsOfNode(program, *node.args[1]) | KindsOfNode(program, *node.args[2]);
    case NodeKind::kCall:
      return AdaptKinds(node.adapt);
    case NodeKind::kSpread:
      return kAnyKind;
    case NodeKind::kFunction:
      return program.functions[node.index].kinds;
    case NodeKind::kExternal:
      return node.external->info.result;
    case NodeKind::kOp:
      break;
  }
  const OpInfo& info = InfoOf(node.op);
  switch (node.op) {
    case Op::kSlice:
    case Op::kCopy:
      return info.result & KindsOfNode(program, *node.args[0]);
    case Op::kMin:
    case Op::kMax:
      return info.result & (KindsOfNode(program, *node.args[0]) | KindsOfNode(program, *node.args[1]));
    default:
      return info.result;
  }
}

Block CloneBlock(const Block& block) {
  Block copy;
  copy.reserve(block.size());
  for (const auto& s : block) {
    copy.push_back(std::make_unique<Stmt>(
        Stmt{s->kind, s->var, s->var2, s->a, s->b, CloneBlock(s->body), CloneBlock(s->otherwise), s->place}));
  }
  return copy;
}

bool Returns(const Block& block) {
  if (block.empty()) return false;
  const Stmt& last = *block.back();
  return last.kind == StmtKind::kReturn ||
         (last.kind == StmtKind::kIf && Returns(last.body) && Returns(last.otherwise));
}

}  // namespace dualis::script::ir
