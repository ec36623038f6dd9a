// Command structs as calls: encoded as for a server, then each word that a Sym made is replaced by its formula. A Sym's
// texts are told by where they are in memory, its numbers by being numbers that only a Sym makes.
#include <bit>
#include <cmath>

#include "dualis/script_commands.h"
#include "script/build/state.h"

namespace dualis::script {

using build::State;

namespace {

constexpr int64_t kFirstInteger = 0x5ca1ab1e'00000000;
constexpr uint64_t kFirstReal = 0x7ff85ca1'00000000;  // not a number
constexpr uint64_t kMost = 0x7fffffff;

}  // namespace

Sym::Sym(const Expr& formula) {
  State& state = State::Of(formula);
  const size_t number = state.symbols.size();
  if (number > kMost) throw std::length_error("too many symbols");
  state.symbols.emplace_back(formula.node(), "<formula " + std::to_string(number) + ">");
  text_ = state.symbols.back().second;
  integer_ = kFirstInteger + static_cast<int64_t>(number);
  real_ = std::bit_cast<double>(kFirstReal + number);
}

Expr FnContext::CallCommand(const Command& command, Place where) const {
  ArgList words;
  command.row().encode(command.self(), words);
  const auto& symbols = state_->symbols;
  auto formula_of = [&symbols](const Arg& word) -> const ir::NodePtr* {
    uint64_t number = kMost + 1;
    switch (word.kind) {
      case Arg::Kind::kInt:
        number = static_cast<uint64_t>(word.integer - kFirstInteger);
        break;
      case Arg::Kind::kDouble:
        number = std::bit_cast<uint64_t>(word.number) - kFirstReal;
        break;
      case Arg::Kind::kBytes:
        for (const auto& [node, text] : symbols) {
          if (word.bytes.data() == text.data() && word.bytes.size() == text.size()) return &node;
        }
        return nullptr;
    }
    return number < symbols.size() ? &symbols[number].first : nullptr;
  };
  ir::Node node{ir::NodeKind::kCall};
  node.where = where;
  node.origin = state_->origin();
  node.command = words.args()[0].bytes;
  for (const Arg& word : words.args().subspan(1)) {
    if (const ir::NodePtr* formula = formula_of(word)) {
      node.args.push_back(*formula);
    } else if (word.kind == Arg::Kind::kDouble && std::isnan(word.number)) {
      state_->Fail(where, node.command + ": a number is not a number, or the Sym of another FnContext");
    } else {
      char buffer[Arg::kTextBytes];
      node.args.push_back(ir::MakeLiteral(Value(word.Text(buffer))));
    }
  }
  ir::SetAdapt(node);
  Expr made(ir::MakeNode(std::move(node)));
  state_->Made(made.node());
  return made;
}

}  // namespace dualis::script
