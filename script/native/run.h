// What the compiled form of a script looks like: a tree of small objects, each of which knows how to do its part.
//
//   Formula::Eval   gives a value: by reference if it already exists (a variable, a literal), else put into `scratch`
//   Formula::Test   its truth, Formula::EvalNumber its number, without making a value where that can be avoided
//   Step::Run       does a statement and says how the block goes on
//
// Variables are slots of the Frame. A failure is latched in Frame::cx; whoever evaluates something looks at it before
// it uses the value.
#ifndef DUALIS_SCRIPT_NATIVE_RUN_H_
#define DUALIS_SCRIPT_NATIVE_RUN_H_

#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "dualis/script_program.h"
#include "script/ir/program.h"
#include "script/semantics/op.h"

namespace dualis::script::native {

struct FunctionCode;

struct Frame final : Watch {
  Frame(Value* slots, size_t slot_count, std::span<const Bytes> keys, const Value* args, CommandCaller& caller,
        const RunOptions& options);

  bool failed() const { return cx.failed; }
  // Counts a step; false if the script has to end.
  bool Step() { return cx.Spend(1); }

  // Tells RunOptions::trace. Requires: tracing.
  void Trace(const ir::Stmt& statement, const Value& value);

  bool MoreWork(OpContext& context, uint64_t wanted) override;
  bool MoreRoom(OpContext& context, uint64_t wanted) override;

  Value* slots;
  const size_t slot_count;  // arguments included
  std::span<const Bytes> keys;
  const Value* args;
  CommandCaller& caller;
  const RunOptions& options;
  OpContext cx;
  Value result;
  const std::string* place = nullptr;
  const FunctionCode* functions = nullptr;
  uint32_t levels = 0;  // of kMaxLevels
  double now_ms = -1;   // what `now` gave; negative: it was not asked for yet
  const ir::ProgramData* program = nullptr;
  bool tracing = false;
  // What is in no slot though it is in use: lists that loops walk over, the variables of functions that called.
  std::vector<const Value*> held;

 private:
  int64_t Now() const;

  uint64_t granted_ = 0;  // steps, so far
  int64_t begun_ = 0;     // in milliseconds; only with a limit of time
};

class Formula {
 public:
  virtual ~Formula() = default;
  // The reference is valid until `scratch` or a slot changes.
  virtual const Value& Eval(Frame& f, Value& scratch) const = 0;
  virtual bool Test(Frame& f) const {
    Value scratch;
    return Truth(Eval(f, scratch));
  }
  // Null, and the number in *number, if the formula gives one; else the value, as from Eval.
  virtual const Value* EvalNumber(Frame& f, Value& scratch, double* number) const {
    const Value& v = Eval(f, scratch);
    if (!v.is_number()) return &v;
    *number = v.number();
    return nullptr;
  }
  // The bytes or number of a formula that never changes; null for others.
  virtual const Value* constant() const { return nullptr; }
  // For people.
  virtual std::string Text() const = 0;
};
using FormulaPtr = std::unique_ptr<const Formula>;

enum class Flow : uint8_t { kNext, kBreak, kContinue, kReturn };

class Step {
 public:
  // `statement` is the program's, which lives as long.
  explicit Step(const ir::Stmt& statement) : statement_(statement) {}
  virtual ~Step() = default;
  virtual Flow Run(Frame& f) const = 0;
  const ir::Stmt& statement() const { return statement_; }
  const std::string& place() const { return statement_.place; }
  // For people: lines, each with its place.
  virtual void Print(size_t indent, std::vector<ir::PlacedLine>* lines) const = 0;

 private:
  const ir::Stmt& statement_;
};
using StepPtr = std::unique_ptr<const Step>;
using Steps = std::vector<StepPtr>;

// A function. Its variables are slots as all others are; a call of one that may be running already puts them aside.
struct FunctionCode {
  std::vector<uint32_t> params;
  std::vector<uint32_t> vars;
  uint32_t weight = 0;
  bool recursive = false;
  Steps body;
};

// Runs statements until one leaves the block. A failure is kReturn.
inline Flow RunAll(const Steps& steps, Frame& f) {
  for (const StepPtr& step : steps) {
    f.place = &step->place();
    if (!f.Step()) return Flow::kReturn;
    if (const Flow flow = step->Run(f); flow != Flow::kNext) {
      // Told by the innermost statement; those around it have another place.
      if (f.tracing && f.failed() && f.place == &step->place()) f.Trace(step->statement(), Value());
      return flow;
    }
  }
  return Flow::kNext;
}

}  // namespace dualis::script::native

#endif  // DUALIS_SCRIPT_NATIVE_RUN_H_
