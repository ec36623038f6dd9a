// Formulas: operators and functions make nodes. What changes something (a command, pop) is made known to its context.
#include <stdexcept>

#include "script/build/state.h"

namespace dualis::script {

using build::State;
using ir::NodeKind;

namespace {

Expr Make(ir::Node node) {
  Expr made(ir::MakeNode(std::move(node)));
  const auto& origin = made.node()->origin;
  if (made.node()->effect && origin && origin->state) origin->state->Made(made.node());
  return made;
}

Expr MakeForm(NodeKind kind, std::initializer_list<Expr> parts) {
  ir::Node node{kind};
  for (const Expr& part : parts) node.args.push_back(part.node());
  return Make(std::move(node));
}

Expr MakeOp(Op op, const std::vector<Expr>& operands, Place where = {}) {
  ir::Node node{NodeKind::kOp};
  node.op = op;
  node.where = where;
  for (const Expr& operand : operands) node.args.push_back(operand.node());
  return Make(std::move(node));
}

// A statement made of an operation.
void Do(const Expr& on, Op op, const std::vector<Expr>& operands, Place where) {
  State& state = State::Of(on);
  auto node = state.Take(MakeOp(op, operands, where), where);
  state.Add(ir::StmtKind::kExpr, where).a = std::move(node);
}

}  // namespace

Expr::Expr(Value literal) : node_(ir::MakeLiteral(std::move(literal))) {}

Expr Expr::operator[](const Expr& index) const { return MakeOp(Op::kAt, {*this, index}); }
Expr Expr::len() const { return MakeOp(Op::kLen, {*this}); }
Expr Expr::slice(const Expr& from) const { return MakeOp(Op::kSlice, {*this, from}); }
Expr Expr::slice(const Expr& from, const Expr& to) const { return MakeOp(Op::kSlice, {*this, from, to}); }
void Expr::set_at(const Expr& index, const Expr& value, Place where) const {
  Do(*this, Op::kSetAt, {*this, index, value}, where);
}
void Expr::set_key(const Expr& key, const Expr& value, Place where) const {
  Do(*this, Op::kSetKey, {*this, key, value}, where);
}
void Expr::remove_key(const Expr& key, Place where) const { Do(*this, Op::kRemoveKey, {*this, key}, where); }
void Expr::append(const Expr& value, Place where) const { Do(*this, Op::kAppend, {*this, value}, where); }
void Expr::insert(const Expr& index, const Expr& value, Place where) const {
  Do(*this, Op::kInsert, {*this, index, value}, where);
}
Expr Expr::pop(const Expr& index) const { return MakeOp(Op::kPop, {*this, index}); }

Expr Expr::eq_(const Expr& o) const { return *this == o; }
Expr Expr::ne_(const Expr& o) const { return *this != o; }
Expr Expr::lt_(const Expr& o) const { return *this < o; }
Expr Expr::le_(const Expr& o) const { return *this <= o; }
Expr Expr::gt_(const Expr& o) const { return *this > o; }
Expr Expr::ge_(const Expr& o) const { return *this >= o; }
Expr Expr::and_(const Expr& o) const { return *this && o; }
Expr Expr::or_(const Expr& o) const { return *this || o; }
Expr Expr::not_() const { return !*this; }

Expr operator+(const Expr& a, const Expr& b) { return MakeOp(Op::kAdd, {a, b}); }
Expr operator-(const Expr& a, const Expr& b) { return MakeOp(Op::kSub, {a, b}); }
Expr operator*(const Expr& a, const Expr& b) { return MakeOp(Op::kMul, {a, b}); }
Expr operator/(const Expr& a, const Expr& b) { return MakeOp(Op::kDiv, {a, b}); }
Expr operator%(const Expr& a, const Expr& b) { return MakeOp(Op::kMod, {a, b}); }
Expr FloorDiv(const Expr& a, const Expr& b) { return MakeOp(Op::kFloorDiv, {a, b}); }
Expr operator-(const Expr& a) { return MakeOp(Op::kNeg, {a}); }
Expr operator==(const Expr& a, const Expr& b) { return MakeOp(Op::kEq, {a, b}); }
Expr operator!=(const Expr& a, const Expr& b) { return MakeOp(Op::kNe, {a, b}); }
Expr operator<(const Expr& a, const Expr& b) { return MakeOp(Op::kLt, {a, b}); }
Expr operator<=(const Expr& a, const Expr& b) { return MakeOp(Op::kLe, {a, b}); }
Expr operator>(const Expr& a, const Expr& b) { return MakeOp(Op::kGt, {a, b}); }
Expr operator>=(const Expr& a, const Expr& b) { return MakeOp(Op::kGe, {a, b}); }
Expr operator&&(const Expr& a, const Expr& b) { return MakeForm(NodeKind::kAnd, {a, b}); }
Expr operator||(const Expr& a, const Expr& b) { return MakeForm(NodeKind::kOr, {a, b}); }
Expr operator!(const Expr& a) { return MakeOp(Op::kNot, {a}); }
Expr IfElse(const Expr& condition, const Expr& then, const Expr& otherwise) {
  return MakeForm(NodeKind::kIfElse, {condition, then, otherwise});
}
Expr Spread(const Expr& container) { return MakeForm(NodeKind::kSpread, {container}); }

Expr Apply(Bytes operation, std::vector<Expr> operands) {
  const OpInfo* info = FindOp(operation);
  if (!info) throw std::logic_error("no operation of a script is named " + std::string(operation));
  return MakeOp(info->op, operands);
}

Expr DictOf(std::initializer_list<std::pair<Expr, Expr>> entries) {
  std::vector<Expr> operands;
  for (const auto& [key, value] : entries) {
    operands.push_back(key);
    operands.push_back(value);
  }
  return MakeOp(Op::kDict, operands);
}

Expr CallWords(CommandName command, std::vector<Expr> words) {
  ir::Node node{NodeKind::kCall};
  node.where = command.where;
  for (char c : command.name) node.command.push_back(c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c);
  // "OBJECT ENCODING" is the command OBJECT with the word ENCODING.
  if (const size_t blank = node.command.find(' '); blank != std::string::npos) {
    words.insert(words.begin(), Expr(Value(Bytes(node.command).substr(blank + 1))));
    node.command.resize(blank);
  }
  for (const Expr& word : words) node.args.push_back(word.node());
  ir::SetAdapt(node);
  return Make(std::move(node));
}

void Local::assign(const Expr& value, Place where) const {
  State& state = State::Of(*this);
  auto node = state.Take(value, where);
  state.Take(*this, where);
  auto& s = state.Add(ir::StmtKind::kAssign, where);
  s.a = std::move(node);
  s.var = this->node()->index;
}

}  // namespace dualis::script
