// Which keys a script touches: the key positions that the commands' own descriptions give, and whether each word there
// is a declared key, or bytes that begin with one. A prefix of the client then holds for all of them.
#include <vector>

#include "engine/command/describe.h"
#include "script/ir/program.h"

namespace dualis::script::ir {
namespace {

class KeyCheck {
 public:
  explicit KeyCheck(const ProgramData& program) : p_(program), from_key_(program.vars.size(), 1) {}

  bool Run() {
    // A variable counts as a key until one of its assignments is none.
    for (bool changed = true; changed;) changed = Assignments(p_.body);
    return Block(p_.body);
  }

 private:
  bool FromKey(const Node& node) const {
    switch (node.kind) {
      case NodeKind::kKey:
        return true;
      case NodeKind::kVar:
        return from_key_[node.index];
      case NodeKind::kOp:
        return node.op == Op::kConcat && !node.args.empty() && FromKey(*node.args[0]);
      case NodeKind::kIfElse:
        return FromKey(*node.args[1]) && FromKey(*node.args[2]);
      default:
        return false;
    }
  }

  bool Assignments(const ir::Block& block) {
    bool changed = false;
    for (const auto& s : block) {
      auto drop = [&](uint32_t var) { changed |= std::exchange(from_key_[var], 0) != 0; };
      if ((s->kind == StmtKind::kDeclare || s->kind == StmtKind::kAssign) && !FromKey(*s->a)) drop(s->var);
      if (s->kind == StmtKind::kForList || s->kind == StmtKind::kForRange) drop(s->var);
      if (s->kind == StmtKind::kForList) drop(s->var2);
      changed |= Assignments(s->body);
      changed |= Assignments(s->otherwise);
    }
    return changed;
  }

  bool Block(const ir::Block& block) const {
    for (const auto& s : block) {
      if (s->a && !Formula(*s->a)) return false;
      if (s->b && !Formula(*s->b)) return false;
      if (!Block(s->body) || !Block(s->otherwise)) return false;
    }
    return true;
  }

  bool Formula(const Node& node) const {
    for (const NodePtr& arg : node.args) {
      if (!Formula(*arg)) return false;
    }
    return node.kind != NodeKind::kCall || Call(node);
  }

  bool Call(const Node& node) const {
    std::vector<Arg> argv = {Bytes(node.command)};
    std::vector<char> room(node.args.size() * kNumberText);
    size_t spread = SIZE_MAX;
    for (size_t i = 0; i < node.args.size(); ++i) {
      const Node& word = *node.args[i];
      if (word.kind == NodeKind::kSpread && spread == SIZE_MAX) spread = i + 1;
      if (word.kind == NodeKind::kLiteral && word.literal.is_bytes()) {
        argv.emplace_back(word.literal.bytes());
      } else if (word.kind == NodeKind::kLiteral && word.literal.is_number()) {
        argv.emplace_back(NumberText(word.literal.number(), &room[i * kNumberText]));
      } else {
        argv.emplace_back(Bytes("?"));
      }
    }
    Error unknown;
    const CommandRow* row = table_.Find(argv, &unknown);
    if (!row || !row->describe) return false;
    std::vector<KeyPosition> keys;
    if (!FindKeys(row->describe(), argv, &keys)) return false;
    for (const KeyPosition& key : keys) {
      if (key.index == 0 || key.index >= argv.size() || key.index >= spread) return false;
      if (!FromKey(*node.args[key.index - 1])) return false;
    }
    return true;
  }

  const ProgramData& p_;
  std::vector<char> from_key_;
  CommandTable table_;
};

}  // namespace

bool KeysAreDeclared(const ProgramData& program) { return KeyCheck(program).Run(); }

}  // namespace dualis::script::ir
