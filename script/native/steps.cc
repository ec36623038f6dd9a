// Statements.
#include "script/native/compiler.h"

namespace dualis::script::native {
namespace {

using ir::Stmt;
using ir::StmtKind;
using Lines = std::vector<ir::PlacedLine>;

void AddLine(const Step& step, size_t indent, const std::string& text, Lines* lines) {
  lines->emplace_back(step.place(), std::string(2 * indent, ' ') + text);
}

void PrintAll(const Steps& steps, size_t indent, Lines* lines) {
  for (const StepPtr& step : steps) step->Print(indent, lines);
}

std::string Slot(uint32_t slot) { return "s" + std::to_string(slot); }

// The truth of a condition, whose value a trace has.
bool Test(const Formula& condition, const Step& step, Frame& f) {
  if (!f.tracing) return condition.Test(f);
  Value scratch;
  const Value& v = condition.Eval(f, scratch);
  if (f.failed()) return false;
  f.Trace(step.statement(), v);
  return Truth(v);
}

class Assign final : public Step {
 public:
  Assign(const Stmt& s, const CommandTable* t) : Step(s), slot_(s.var), value_(CompileFormula(*s.a, t)) {}
  Flow Run(Frame& f) const override {
    Value scratch;
    const Value& v = value_->Eval(f, scratch);
    if (f.failed()) return Flow::kReturn;
    if (&v == &scratch) {
      f.slots[slot_] = std::move(scratch);
    } else {
      f.slots[slot_] = v;
    }
    if (f.tracing) f.Trace(statement(), f.slots[slot_]);
    return Flow::kNext;
  }
  void Print(size_t indent, Lines* lines) const override {
    AddLine(*this, indent, Slot(slot_) + " <- " + value_->Text(), lines);
  }

 private:
  uint32_t slot_;
  FormulaPtr value_;
};

class Do final : public Step {
 public:
  Do(const Stmt& s, const CommandTable* t)
      : Step(s),
        effect_(CompileEffect(*s.a, t)),
        value_(s.a->kind == ir::NodeKind::kCall ? CompileFormula(*s.a, t) : nullptr) {}
  Flow Run(Frame& f) const override {
    Value scratch;
    const Value& v = (f.tracing && value_ ? value_ : effect_)->Eval(f, scratch);
    if (f.failed()) return Flow::kReturn;
    if (f.tracing) f.Trace(statement(), v);
    return Flow::kNext;
  }
  void Print(size_t indent, Lines* lines) const override { AddLine(*this, indent, effect_->Text(), lines); }

 private:
  FormulaPtr effect_;
  FormulaPtr value_;  // of a command, for traces: with its reply
};

class If final : public Step {
 public:
  If(const Stmt& s, const CommandTable* t)
      : Step(s),
        condition_(CompileFormula(*s.a, t)),
        then_(CompileBlock(s.body, t)),
        otherwise_(CompileBlock(s.otherwise, t)) {}
  Flow Run(Frame& f) const override {
    const bool chosen = Test(*condition_, *this, f);
    if (f.failed()) return Flow::kReturn;
    return RunAll(chosen ? then_ : otherwise_, f);
  }
  void Print(size_t indent, Lines* lines) const override {
    AddLine(*this, indent, "unless " + condition_->Text() + " skip", lines);
    PrintAll(then_, indent + 1, lines);
    if (otherwise_.empty()) return;
    AddLine(*this, indent, "else", lines);
    PrintAll(otherwise_, indent + 1, lines);
  }

 private:
  FormulaPtr condition_;
  Steps then_, otherwise_;
};

class While final : public Step {
 public:
  While(const Stmt& s, const CommandTable* t)
      : Step(s), condition_(CompileFormula(*s.a, t)), body_(CompileBlock(s.body, t)) {}
  Flow Run(Frame& f) const override {
    for (;;) {
      f.place = &place();
      if (!f.Step()) return Flow::kReturn;
      const bool go_on = Test(*condition_, *this, f);
      if (f.failed()) return Flow::kReturn;
      if (!go_on) return Flow::kNext;
      const Flow flow = RunAll(body_, f);
      if (flow == Flow::kReturn) return flow;
      if (flow == Flow::kBreak) return Flow::kNext;
    }
  }
  void Print(size_t indent, Lines* lines) const override {
    AddLine(*this, indent, "unless " + condition_->Text() + " leave", lines);
    PrintAll(body_, indent + 1, lines);
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
  ForList(const Stmt& s, const CommandTable* t)
      : Step(s), index_(s.var), item_(s.var2), list_(CompileFormula(*s.a, t)), body_(CompileBlock(s.body, t)) {}
  Flow Run(Frame& f) const override {
    Value scratch;
    const Value list = list_->Eval(f, scratch);
    if (f.failed()) return Flow::kReturn;
    if (!list.is_list()) return FailFor(f, "list", list);
    f.held.push_back(&list);
    const Flow flow = Walk(f, list);
    f.held.pop_back();
    return flow;
  }
  void Print(size_t indent, Lines* lines) const override {
    AddLine(*this, indent, "each " + Slot(index_) + ", " + Slot(item_) + " of " + list_->Text(), lines);
    PrintAll(body_, indent + 1, lines);
  }

 private:
  Flow Walk(Frame& f, const Value& list) const {
    for (size_t i = 0; i < list.items().size(); ++i) {
      if (!f.Step()) return Flow::kReturn;
      f.slots[index_] = Value(i);
      f.slots[item_] = list.items()[i];
      if (f.tracing) f.Trace(statement(), f.slots[item_]);
      const Flow flow = RunAll(body_, f);
      if (flow == Flow::kReturn) return flow;
      if (flow == Flow::kBreak) break;
    }
    return Flow::kNext;
  }

  uint32_t index_, item_;
  FormulaPtr list_;
  Steps body_;
};

class ForRange final : public Step {
 public:
  ForRange(const Stmt& s, const CommandTable* t)
      : Step(s),
        slot_(s.var),
        from_(CompileFormula(*s.a, t)),
        to_(CompileFormula(*s.b, t)),
        body_(CompileBlock(s.body, t)) {}
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
      if (f.tracing) f.Trace(statement(), f.slots[slot_]);
      const Flow flow = RunAll(body_, f);
      if (flow == Flow::kReturn) return flow;
      if (flow == Flow::kBreak) break;
    }
    return Flow::kNext;
  }

  void Print(size_t indent, Lines* lines) const override {
    AddLine(*this, indent, "count " + Slot(slot_) + " from " + from_->Text() + " below " + to_->Text(), lines);
    PrintAll(body_, indent + 1, lines);
  }

 private:
  uint32_t slot_;
  FormulaPtr from_, to_;
  Steps body_;
};

class Leave final : public Step {
 public:
  explicit Leave(const Stmt& s) : Step(s), flow_(s.kind == StmtKind::kBreak ? Flow::kBreak : Flow::kContinue) {}
  Flow Run(Frame& f) const override {
    if (f.tracing) f.Trace(statement(), Value());
    return flow_;
  }
  void Print(size_t indent, Lines* lines) const override {
    AddLine(*this, indent, flow_ == Flow::kBreak ? "leave" : "next", lines);
  }

 private:
  Flow flow_;
};

class Return final : public Step {
 public:
  Return(const Stmt& s, const CommandTable* t) : Step(s), value_(CompileFormula(*s.a, t)) {}
  Flow Run(Frame& f) const override {
    Value scratch;
    const Value& v = value_->Eval(f, scratch);
    if (f.failed()) return Flow::kReturn;
    f.result = v;
    if (f.tracing) f.Trace(statement(), f.result);
    return Flow::kReturn;
  }
  void Print(size_t indent, Lines* lines) const override { AddLine(*this, indent, "result " + value_->Text(), lines); }

 private:
  FormulaPtr value_;
};

StepPtr CompileStep(const Stmt& s, const CommandTable* t) {
  switch (s.kind) {
    case StmtKind::kDeclare:
    case StmtKind::kAssign:
      return std::make_unique<Assign>(s, t);
    case StmtKind::kExpr:
      return std::make_unique<Do>(s, t);
    case StmtKind::kIf:
      return std::make_unique<If>(s, t);
    case StmtKind::kWhile:
      return std::make_unique<While>(s, t);
    case StmtKind::kForList:
      return std::make_unique<ForList>(s, t);
    case StmtKind::kForRange:
      return std::make_unique<ForRange>(s, t);
    case StmtKind::kBreak:
    case StmtKind::kContinue:
      return std::make_unique<Leave>(s);
    case StmtKind::kReturn:
      break;
  }
  return std::make_unique<Return>(s, t);
}

}  // namespace

Steps CompileBlock(const ir::Block& block, const CommandTable* commands) {
  Steps steps;
  for (const auto& s : block) steps.push_back(CompileStep(*s, commands));
  return steps;
}

}  // namespace dualis::script::native
