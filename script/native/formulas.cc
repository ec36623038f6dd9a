// Formulas. The operations that scripts spend their time in have classes of their own with a fast path for the usual
// kinds; all others, and every failure, go through RunOp.
#include <array>
#include <cmath>

#include "script/native/compiler.h"
#include "script/native/value_sink.h"

namespace dualis::script::native {
namespace {

using ir::Node;
using ir::NodeKind;

// "(a, b)".
std::string Texts(const std::vector<FormulaPtr>& parts) {
  std::string text = "(";
  for (const FormulaPtr& part : parts) text += (text.size() > 1 ? ", " : "") + part->Text();
  return text + ")";
}

class Constant final : public Formula {
 public:
  explicit Constant(Value value) : value_(std::move(value)) {}
  const Value& Eval(Frame&, Value&) const override { return value_; }
  const Value* constant() const override { return &value_; }
  std::string Text() const override { return value_.ToText(); }

 private:
  Value value_;
};

// A list or dict literal: made anew each time.
class FreshLiteral final : public Formula {
 public:
  explicit FreshLiteral(Value value) : value_(std::move(value)) {}
  const Value& Eval(Frame&, Value& scratch) const override { return scratch = value_.Copy(); }
  std::string Text() const override { return "new " + value_.ToText(); }

 private:
  Value value_;
};

class Slot final : public Formula {
 public:
  explicit Slot(uint32_t index) : index_(index) {}
  const Value& Eval(Frame& f, Value&) const override { return f.slots[index_]; }
  std::string Text() const override { return "s" + std::to_string(index_); }

 private:
  uint32_t index_;
};

class KeyFormula final : public Formula {
 public:
  explicit KeyFormula(uint32_t index) : index_(index) {}
  const Value& Eval(Frame& f, Value& scratch) const override { return scratch = Value(f.keys[index_]); }
  std::string Text() const override { return "key" + std::to_string(index_); }

 private:
  uint32_t index_;
};

class ArgFormula final : public Formula {
 public:
  explicit ArgFormula(uint32_t index) : index_(index) {}
  const Value& Eval(Frame& f, Value&) const override { return f.args[index_]; }
  std::string Text() const override { return "arg" + std::to_string(index_); }

 private:
  uint32_t index_;
};

class And final : public Formula {
 public:
  And(FormulaPtr a, FormulaPtr b) : a_(std::move(a)), b_(std::move(b)) {}
  const Value& Eval(Frame& f, Value& scratch) const override {
    const Value& first = a_->Eval(f, scratch);
    return f.failed() || !Truth(first) ? first : b_->Eval(f, scratch);
  }
  bool Test(Frame& f) const override { return a_->Test(f) && !f.failed() && b_->Test(f); }
  std::string Text() const override { return "and(" + a_->Text() + ", " + b_->Text() + ")"; }

 private:
  FormulaPtr a_, b_;
};

class Or final : public Formula {
 public:
  Or(FormulaPtr a, FormulaPtr b) : a_(std::move(a)), b_(std::move(b)) {}
  const Value& Eval(Frame& f, Value& scratch) const override {
    const Value& first = a_->Eval(f, scratch);
    return f.failed() || Truth(first) ? first : b_->Eval(f, scratch);
  }
  bool Test(Frame& f) const override { return a_->Test(f) || (!f.failed() && b_->Test(f)); }
  std::string Text() const override { return "or(" + a_->Text() + ", " + b_->Text() + ")"; }

 private:
  FormulaPtr a_, b_;
};

class Choice final : public Formula {
 public:
  Choice(FormulaPtr condition, FormulaPtr then, FormulaPtr otherwise)
      : condition_(std::move(condition)), then_(std::move(then)), otherwise_(std::move(otherwise)) {}
  const Value& Eval(Frame& f, Value& scratch) const override {
    const bool chosen = condition_->Test(f);
    if (f.failed()) return scratch = Value();
    return chosen ? then_->Eval(f, scratch) : otherwise_->Eval(f, scratch);
  }
  std::string Text() const override {
    return "choose(" + condition_->Text() + ", " + then_->Text() + ", " + otherwise_->Text() + ")";
  }

 private:
  FormulaPtr condition_, then_, otherwise_;
};

// Any operation: operands side by side, then RunOp.
class Operation final : public Formula {
 public:
  Operation(const OpInfo& info, std::vector<FormulaPtr> parts) : info_(info), parts_(std::move(parts)) {}
  const Value& Eval(Frame& f, Value& scratch) const override {
    if (!f.Step()) return scratch = Value();
    if (parts_.size() <= kMaxParams) {
      Value args[kMaxParams];
      return scratch = Apply(f, args);
    }
    std::vector<Value> args(parts_.size());
    return scratch = Apply(f, args.data());
  }
  std::string Text() const override { return std::string(info_.name) + Texts(parts_); }

 private:
  Value Apply(Frame& f, Value* args) const {
    for (size_t i = 0; i < parts_.size(); ++i) {
      const Value& v = parts_[i]->Eval(f, args[i]);
      if (f.failed()) return Value();
      if (&v != &args[i]) args[i] = v;
    }
    Value made = RunOp(info_, f.cx, args, parts_.size());
    if (made.counted() && MakesNew(info_.op)) f.cx.Weigh(made);
    return made;
  }
  // Others give what existed already.
  static bool MakesNew(Op op) {
    return op != Op::kAt && op != Op::kPop && op != Op::kDefault && op != Op::kMin && op != Op::kMax;
  }

  const OpInfo& info_;
  std::vector<FormulaPtr> parts_;
};

// Two numbers; what else the operands may be is left to RunOp. F gives a number or a bool.
template <class F>
class Numeric final : public Formula {
 public:
  Numeric(const OpInfo& info, FormulaPtr a, FormulaPtr b) : info_(info), a_(std::move(a)), b_(std::move(b)) {}
  const Value& Eval(Frame& f, Value& scratch) const override {
    return Compute(f, scratch, [&](auto result) -> const Value& { return scratch = Value(result); });
  }
  bool Test(Frame& f) const override {
    Value scratch;
    bool truth = false;
    const auto fast = [&](auto result) -> const Value& {
      truth = result != 0;
      return scratch;
    };
    const Value& v = Compute(f, scratch, fast);
    return truth || Truth(v);
  }
  const Value* EvalNumber(Frame& f, Value& scratch, double* number) const override {
    if constexpr (std::is_same_v<decltype(F()(0.0, 0.0)), bool>) {
      return Formula::EvalNumber(f, scratch, number);
    } else {
      bool done = false;
      const auto fast = [&](double result) -> const Value& {
        done = true;
        *number = result;
        return scratch;
      };
      const Value& v = Compute(f, scratch, fast);
      if (done) return nullptr;
      if (!v.is_number()) return &v;
      *number = v.number();
      return nullptr;
    }
  }
  std::string Text() const override {
    return "fast " + std::string(info_.name) + "(" + a_->Text() + ", " + b_->Text() + ")";
  }

 private:
  // What `fast` makes of the result of two numbers; else the value, in scratch. None after a failure.
  template <class Fast>
  const Value& Compute(Frame& f, Value& scratch, Fast&& fast) const {
    Value keep, other;
    double x, y;
    const Value* a = a_->EvalNumber(f, keep, &x);
    if (f.failed()) return scratch = Value();
    const Value* b = b_->EvalNumber(f, other, &y);
    if (f.failed()) return scratch = Value();
    if (a == nullptr && b == nullptr) return fast(F()(x, y));
    Value args[2] = {a != nullptr ? *a : Value(x), b != nullptr ? *b : Value(y)};
    return scratch = RunOp(info_, f.cx, args, 2);
  }

  const OpInfo& info_;
  FormulaPtr a_, b_;
};

// Whether two values are equal, or differ.
template <bool kWanted>
class Equality final : public Formula {
 public:
  Equality(const OpInfo& info, FormulaPtr a, FormulaPtr b) : info_(info), a_(std::move(a)), b_(std::move(b)) {}
  const Value& Eval(Frame& f, Value& scratch) const override {
    const bool holds = Test(f);
    return scratch = f.failed() ? Value() : Value(holds);
  }
  bool Test(Frame& f) const override {
    Value keep, other;
    const Value& a = a_->Eval(f, keep);
    if (f.failed()) return false;
    const Value& b = b_->Eval(f, other);
    if (f.failed()) return false;
    if (a.kind() >= Value::Kind::kList && b.kind() >= Value::Kind::kList) {
      Value args[2] = {a, b};
      return Truth(RunOp(info_, f.cx, args, 2));
    }
    bool too_deep = false;
    return Equal(a, b, &too_deep) == kWanted;
  }
  std::string Text() const override {
    return "fast " + std::string(info_.name) + "(" + a_->Text() + ", " + b_->Text() + ")";
  }

 private:
  const OpInfo& info_;
  FormulaPtr a_, b_;
};

// The same where one of the two is None.
class IsNone final : public Formula {
 public:
  IsNone(FormulaPtr a, bool wanted) : a_(std::move(a)), wanted_(wanted) {}
  const Value& Eval(Frame& f, Value& scratch) const override {
    const bool holds = Test(f);
    return scratch = f.failed() ? Value() : Value(holds);
  }
  bool Test(Frame& f) const override {
    Value keep;
    return a_->Eval(f, keep).is_none() == wanted_ && !f.failed();
  }
  std::string Text() const override { return (wanted_ ? "none(" : "some(") + a_->Text() + ")"; }

 private:
  FormulaPtr a_;
  const bool wanted_;
};

class NotFormula final : public Formula {
 public:
  explicit NotFormula(FormulaPtr a) : a_(std::move(a)) {}
  const Value& Eval(Frame& f, Value& scratch) const override { return scratch = Value(!a_->Test(f)); }
  bool Test(Frame& f) const override { return !a_->Test(f); }
  std::string Text() const override { return "not(" + a_->Text() + ")"; }

 private:
  FormulaPtr a_;
};

class ToNumFormula final : public Formula {
 public:
  explicit ToNumFormula(FormulaPtr a) : a_(std::move(a)) {}
  const Value& Eval(Frame& f, Value& scratch) const override {
    const Value& v = a_->Eval(f, scratch);
    if (v.is_number()) return v;
    double number;
    const bool is_number = v.is_bytes() && ParseNumber(v.bytes(), &number);
    return scratch = is_number ? Value(number) : Value();
  }
  const Value* EvalNumber(Frame& f, Value& scratch, double* number) const override {
    const Value& v = a_->Eval(f, scratch);
    if (v.is_number()) {
      *number = v.number();
      return nullptr;
    }
    if (v.is_bytes() && ParseNumber(v.bytes(), number)) return nullptr;
    return &(scratch = Value());
  }
  std::string Text() const override { return "to_num(" + a_->Text() + ")"; }

 private:
  FormulaPtr a_;
};

class AtFormula final : public Formula {
 public:
  AtFormula(FormulaPtr a, FormulaPtr b) : a_(std::move(a)), b_(std::move(b)) {}
  // The item is copied: a later part of the same formula may change the list.
  const Value& Eval(Frame& f, Value& scratch) const override {
    Value args[2];
    const Value& list = a_->Eval(f, args[0]);
    if (f.failed()) return scratch = Value();
    const Value& index = b_->Eval(f, args[1]);
    if (f.failed()) return scratch = Value();
    if (list.is_list() && index.is_number()) {
      const auto& items = list.items();
      const double i = index.number();
      if (i >= 0 && i < static_cast<double>(items.size()) && static_cast<double>(static_cast<size_t>(i)) == i) {
        return scratch = Value(items[static_cast<size_t>(i)]);
      }
    }
    if (&list != &args[0]) args[0] = list;
    if (&index != &args[1]) args[1] = index;
    return scratch = RunOp(InfoOf(Op::kAt), f.cx, args, 2);
  }
  std::string Text() const override { return "at(" + a_->Text() + ", " + b_->Text() + ")"; }

 private:
  FormulaPtr a_, b_;
};

// Asks whoever runs the commands, once: on the engine the time of the turn.
class NowFormula final : public Formula {
 public:
  const Value& Eval(Frame& f, Value& scratch) const override {
    if (f.now_ms < 0) {
      const Arg words[] = {Arg("TIME")};
      ValueSink sink(/*keep_reals=*/false);
      Error error = f.caller.Call(words, sink);
      if (error || sink.error()) return scratch = f.cx.Fail(error ? std::move(error) : sink.error());
      const Value reply = sink.Take();
      double seconds = 0, micros = 0;
      if (!reply.is_list() || reply.items().size() != 2 || !Number(reply.items()[0], &seconds) ||
          !Number(reply.items()[1], &micros)) {
        return scratch = f.cx.Fail("now", "TIME gave no time");
      }
      f.now_ms = seconds * 1000 + std::floor(micros / 1000);
    }
    return scratch = Value(f.now_ms);
  }
  std::string Text() const override { return "now()"; }

 private:
  static bool Number(const Value& v, double* out) { return v.is_bytes() && ParseNumber(v.bytes(), out); }
};

class FunctionCall final : public Formula {
 public:
  FunctionCall(uint32_t index, std::vector<FormulaPtr> parts) : index_(index), parts_(std::move(parts)) {}
  const Value& Eval(Frame& f, Value& scratch) const override {
    if (!f.Step()) return scratch = Value();
    const FunctionCode& code = f.functions[index_];
    std::array<Value, kMaxParams> few;
    std::vector<Value> many;
    Value* args = few.data();
    if (parts_.size() > few.size()) {
      many.resize(parts_.size());
      args = many.data();
    }
    for (size_t i = 0; i < parts_.size(); ++i) {
      const Value& v = parts_[i]->Eval(f, args[i]);
      if (f.failed()) return scratch = Value();
      if (&v != &args[i]) args[i] = v;
    }
    const std::string* const place = f.place;
    if (code.recursive) {
      RunAgain(code, f, args);
    } else {
      Run(code, f, args);
    }
    scratch = std::exchange(f.result, Value());
    if (!f.failed()) f.place = place;
    return scratch;
  }
  std::string Text() const override { return "function" + std::to_string(index_) + Texts(parts_); }

 private:
  void Run(const FunctionCode& code, Frame& f, Value* args) const {
    for (size_t i = 0; i < code.params.size(); ++i) f.slots[code.params[i]] = std::move(args[i]);
    RunAll(code.body, f);
  }
  // The slots of a call that is still running come back to where it knows them.
  void RunAgain(const FunctionCode& code, Frame& f, Value* args) const {
    f.levels += code.weight;
    if (f.levels > ir::kMaxLevels) {
      f.cx.Fail(Error(ErrorCode::kErr, ir::kTooManyLevels));
      return;
    }
    std::vector<Value> aside(code.vars.size());
    for (size_t i = 0; i < aside.size(); ++i) std::swap(aside[i], f.slots[code.vars[i]]);
    for (const Value& v : aside) f.held.push_back(&v);
    Run(code, f, args);
    f.held.resize(f.held.size() - aside.size());
    for (size_t i = 0; i < aside.size(); ++i) std::swap(aside[i], f.slots[code.vars[i]]);
    f.levels -= code.weight;
  }

  uint32_t index_;
  std::vector<FormulaPtr> parts_;
};

// A function that a user brought.
class ExternalCall final : public Formula {
 public:
  ExternalCall(std::shared_ptr<const ir::Extern> external, std::vector<FormulaPtr> parts)
      : external_(std::move(external)), parts_(std::move(parts)) {}
  const Value& Eval(Frame& f, Value& scratch) const override {
    if (!f.Step()) return scratch = Value();
    std::vector<Value> args(parts_.size());
    for (size_t i = 0; i < args.size(); ++i) {
      const Value& v = parts_[i]->Eval(f, args[i]);
      if (f.failed()) return scratch = Value();
      if (&v != &args[i]) args[i] = v;
    }
    Result<Value> result = ir::RunExternal(*external_, args);
    if (!result) return scratch = f.cx.Fail(result.error());
    scratch = std::move(*result);
    if (scratch.counted()) f.cx.Weigh(scratch);
    return scratch;
  }
  std::string Text() const override { return std::string(external_->info.name) + Texts(parts_); }

 private:
  std::shared_ptr<const ir::Extern> external_;
  std::vector<FormulaPtr> parts_;
};

template <class F>
FormulaPtr MakeBinary(const OpInfo& info, std::vector<FormulaPtr>& parts) {
  return std::make_unique<F>(info, std::move(parts[0]), std::move(parts[1]));
}

template <bool kWanted>
FormulaPtr MakeEquality(const OpInfo& info, std::vector<FormulaPtr>& parts) {
  for (size_t i = 0; i < 2; ++i) {
    const Value* constant = parts[i]->constant();
    if (constant != nullptr && constant->is_none()) return std::make_unique<IsNone>(std::move(parts[1 - i]), kWanted);
  }
  return MakeBinary<Equality<kWanted>>(info, parts);
}

FormulaPtr CompileOp(const Node& node, const CommandTable* commands) {
  const OpInfo& info = InfoOf(node.op);
  std::vector<FormulaPtr> parts;
  bool constant = !info.effect && !(info.result & KindsOf("ld")) && !node.args.empty();
  for (const auto& arg : node.args) {
    parts.push_back(CompileFormula(*arg, commands));
    constant &= parts.back()->constant() != nullptr;
  }
  if (constant) {
    // Folded, unless it fails: a failure belongs to the moment at which the script gets there.
    OpContext cx;
    std::vector<Value> args;
    for (const FormulaPtr& part : parts) args.push_back(*part->constant());
    Value folded = RunOp(info, cx, args.data(), args.size());
    if (!cx.failed) return std::make_unique<Constant>(std::move(folded));
  }
  switch (node.op) {
    case Op::kAdd:
      return MakeBinary<Numeric<std::plus<double>>>(info, parts);
    case Op::kSub:
      return MakeBinary<Numeric<std::minus<double>>>(info, parts);
    case Op::kMul:
      return MakeBinary<Numeric<std::multiplies<double>>>(info, parts);
    case Op::kEq:
      return MakeEquality<true>(info, parts);
    case Op::kNe:
      return MakeEquality<false>(info, parts);
    case Op::kLt:
      return MakeBinary<Numeric<std::less<double>>>(info, parts);
    case Op::kLe:
      return MakeBinary<Numeric<std::less_equal<double>>>(info, parts);
    case Op::kGt:
      return MakeBinary<Numeric<std::greater<double>>>(info, parts);
    case Op::kGe:
      return MakeBinary<Numeric<std::greater_equal<double>>>(info, parts);
    case Op::kNot:
      return std::make_unique<NotFormula>(std::move(parts[0]));
    case Op::kNow:
      return std::make_unique<NowFormula>();
    case Op::kToNum:
      return std::make_unique<ToNumFormula>(std::move(parts[0]));
    case Op::kAt:
      return std::make_unique<AtFormula>(std::move(parts[0]), std::move(parts[1]));
    default:
      return std::make_unique<Operation>(info, std::move(parts));
  }
}

}  // namespace

FormulaPtr CompileFormula(const Node& node, const CommandTable* commands) {
  auto part = [&](size_t i) { return CompileFormula(*node.args[i], commands); };
  switch (node.kind) {
    case NodeKind::kLiteral:
      if (node.literal.kind() >= Value::Kind::kList) return std::make_unique<FreshLiteral>(node.literal);
      return std::make_unique<Constant>(node.literal);
    case NodeKind::kVar:
      return std::make_unique<Slot>(node.index);
    case NodeKind::kKey:
      return std::make_unique<KeyFormula>(node.index);
    case NodeKind::kArg:
      return std::make_unique<ArgFormula>(node.index);
    case NodeKind::kAnd:
      return std::make_unique<And>(part(0), part(1));
    case NodeKind::kOr:
      return std::make_unique<Or>(part(0), part(1));
    case NodeKind::kIfElse:
      return std::make_unique<Choice>(part(0), part(1), part(2));
    case NodeKind::kCall:
      return CompileCall(node, /*discard=*/false, commands);
    case NodeKind::kSpread:
      return part(0);
    case NodeKind::kFunction: {
      std::vector<FormulaPtr> parts;
      for (const auto& arg : node.args) parts.push_back(CompileFormula(*arg, commands));
      return std::make_unique<FunctionCall>(node.index, std::move(parts));
    }
    case NodeKind::kExternal: {
      std::vector<FormulaPtr> parts;
      for (const auto& arg : node.args) parts.push_back(CompileFormula(*arg, commands));
      return std::make_unique<ExternalCall>(node.external, std::move(parts));
    }
    case NodeKind::kOp:
      break;
  }
  return CompileOp(node, commands);
}

FormulaPtr CompileEffect(const Node& node, const CommandTable* commands) {
  return node.kind == NodeKind::kCall ? CompileCall(node, /*discard=*/true, commands) : CompileFormula(node, commands);
}

}  // namespace dualis::script::native
