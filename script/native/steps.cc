// Statements.
#include "script/native/compiler.h"

namespace dualis::script::native {
namespace {

using ir::Stmt;
using ir::StmtKind;

class Assign final : public Step {
 public:
  explicit Assign(const Stmt& s) : Step(s.place), slot_(s.var), value_(CompileFormula(*s.a)) {}
  Flow Run(Frame& f) const override {
    Value scratch;
    const Value& v = value_->Eval(f, scratch);
    if (f.failed()) return Flow::kReturn;
    if (&v == &scratch) {
      f.slots[slot_] = std::move(scratch);
    } else {
      f.slots[slot_] = v;
    }
    return Flow::kNext;
  }

 private:
  uint32_t slot_;
  FormulaPtr value_;
};

class Do final : public Step {
 public:
  explicit Do(const Stmt& s) : Step(s.place), effect_(CompileEffect(*s.a)) {}
  Flow Run(Frame& f) const override {
    Value scratch;
    effect_->Eval(f, scratch);
    return f.failed() ? Flow::kReturn : Flow::kNext;
  }

 private:
  FormulaPtr effect_;
};

class If final : public Step {
 public:
  explicit If(const Stmt& s)
      : Step(s.place),
        condition_(CompileFormula(*s.a)),
        then_(CompileBlock(s.body)),
        otherwise_(CompileBlock(s.otherwise)) {}
  Flow Run(Frame& f) const override {
    const bool chosen = condition_->Test(f);
    if (f.failed()) return Flow::kReturn;
    return RunAll(chosen ? then_ : otherwise_, f);
  }

 private:
  FormulaPtr condition_;
  Steps then_, otherwise_;
};

class While final : public Step {
 public:
  explicit While(const Stmt& s) : Step(s.place), condition_(CompileFormula(*s.a)), body_(CompileBlock(s.body)) {}
  Flow Run(Frame& f) const override {
    for (;;) {
      f.place = &place();
      if (!f.Step()) return Flow::kReturn;
      const bool go_on = condition_->Test(f);
      if (f.failed()) return Flow::kReturn;
      if (!go_on) return Flow::kNext;
      const Flow flow = RunAll(body_, f);
      if (flow == Flow::kReturn) return flow;
      if (flow == Flow::kBreak) return Flow::kNext;
    }
  }

 private:
  FormulaPtr condition_;
  Steps body_;
};

// "ERR for: needs list, not number"
Flow FailFor(Frame& f, Bytes needed, const Value& v) {
  std::string why = "needs ";
  f.cx.Fail("for", why.append(needed).append(", not ").append(KindName(v.kind())));
  return Flow::kReturn;
}

class ForList final : public Step {
 public:
  explicit ForList(const Stmt& s)
      : Step(s.place), index_(s.var), item_(s.var2), list_(CompileFormula(*s.a)), body_(CompileBlock(s.body)) {}
  Flow Run(Frame& f) const override {
    Value scratch;
    const Value list = list_->Eval(f, scratch);
    if (f.failed()) return Flow::kReturn;
    if (!list.is_list()) return FailFor(f, "list", list);
    for (size_t i = 0; i < list.items().size(); ++i) {
      if (!f.Step()) return Flow::kReturn;
      f.slots[index_] = Value(i);
      f.slots[item_] = list.items()[i];
      const Flow flow = RunAll(body_, f);
      if (flow == Flow::kReturn) return flow;
      if (flow == Flow::kBreak) break;
    }
    return Flow::kNext;
  }

 private:
  uint32_t index_, item_;
  FormulaPtr list_;
  Steps body_;
};

class ForRange final : public Step {
 public:
  explicit ForRange(const Stmt& s)
      : Step(s.place),
        slot_(s.var),
        from_(CompileFormula(*s.a)),
        to_(CompileFormula(*s.b)),
        body_(CompileBlock(s.body)) {}
  Flow Run(Frame& f) const override {
    Value scratch;
    const Value from = from_->Eval(f, scratch);
    if (f.failed()) return Flow::kReturn;
    const Value to = to_->Eval(f, scratch);
    if (f.failed()) return Flow::kReturn;
    if (!from.is_number()) return FailFor(f, "number", from);
    if (!to.is_number()) return FailFor(f, "number", to);
    for (double i = from.number(); i < to.number(); i += 1) {
      if (!f.Step()) return Flow::kReturn;
      f.slots[slot_] = Value(i);
      const Flow flow = RunAll(body_, f);
      if (flow == Flow::kReturn) return flow;
      if (flow == Flow::kBreak) break;
    }
    return Flow::kNext;
  }

 private:
  uint32_t slot_;
  FormulaPtr from_, to_;
  Steps body_;
};

class Leave final : public Step {
 public:
  explicit Leave(const Stmt& s) : Step(s.place), flow_(s.kind == StmtKind::kBreak ? Flow::kBreak : Flow::kContinue) {}
  Flow Run(Frame&) const override { return flow_; }

 private:
  Flow flow_;
};

class Return final : public Step {
 public:
  explicit Return(const Stmt& s) : Step(s.place), value_(CompileFormula(*s.a)) {}
  Flow Run(Frame& f) const override {
    Value scratch;
    const Value& v = value_->Eval(f, scratch);
    if (!f.failed()) f.result = v;
    return Flow::kReturn;
  }

 private:
  FormulaPtr value_;
};

StepPtr CompileStep(const Stmt& s) {
  switch (s.kind) {
    case StmtKind::kDeclare:
    case StmtKind::kAssign:
      return std::make_unique<Assign>(s);
    case StmtKind::kExpr:
      return std::make_unique<Do>(s);
    case StmtKind::kIf:
      return std::make_unique<If>(s);
    case StmtKind::kWhile:
      return std::make_unique<While>(s);
    case StmtKind::kForList:
      return std::make_unique<ForList>(s);
    case StmtKind::kForRange:
      return std::make_unique<ForRange>(s);
    case StmtKind::kBreak:
    case StmtKind::kContinue:
      return std::make_unique<Leave>(s);
    case StmtKind::kReturn:
      break;
  }
  return std::make_unique<Return>(s);
}

}  // namespace

Steps CompileBlock(const ir::Block& block) {
  Steps steps;
  for (const auto& s : block) steps.push_back(CompileStep(*s));
  return steps;
}

}  // namespace dualis::script::native
