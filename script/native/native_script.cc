#include <algorithm>
#include <array>
#include <new>
#include <unordered_set>
#include <utility>

#include "engine/command/exec.h"
#include "engine/command/prepare.h"
#include "engine/command/script_host.h"
#include "script/ir/program.h"
#include "script/native/compiler.h"

namespace dualis::script {

using native::Frame;

namespace native {

namespace {

// Steps between two looks at what may end a script.
constexpr uint64_t kSlice = 256;
constexpr Error::Rep kStopped = {ErrorCode::kErr, "ERR script: stopped from outside"};
constexpr Error::Rep kTooLong = {ErrorCode::kTimeout, "ERR Script exceeded its limit of time"};
constexpr Error::Rep kTooMuch = {ErrorCode::kOom, "OOM Script exceeded its limit of memory"};

}  // namespace

Frame::Frame(Value* s, size_t count, std::span<const Bytes> k, const Value* a, CommandCaller& c, const RunOptions& o)
    : slots(s), slot_count(count), keys(k), args(a), caller(c), options(o) {
  cx.watch = this;
  cx.work = granted_ = options.step_limit ? std::min(kSlice, options.step_limit) : kSlice;
  if (options.memory_limit) cx.room = options.memory_limit;
  if (options.time_limit.count() > 0) begun_ = Now();
}

int64_t Frame::Now() const {
  if (options.clock) return options.clock->NowMonotonic();
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

void Frame::Trace(const ir::Stmt& statement, const Value& value) {
  TraceStep step{statement.place, ir::StatementText(*program, statement), Value(), cx.error};
  if (!DeepCopy(value, &step.value)) step.value = Value();
  options.trace(step);
}

bool Frame::MoreWork(OpContext&, uint64_t wanted) {
  if (failed()) return false;
  const uint64_t done = granted_ - cx.work + wanted;
  Error error;
  if (options.step_limit && done > options.step_limit) {
    error = Error(&kScriptTooManySteps);
  } else if (options.stop && options.stop->load(std::memory_order_relaxed)) {
    error = Error(&kStopped);
  } else if (options.time_limit.count() > 0 && Now() - begun_ >= options.time_limit.count()) {
    error = Error(&kTooLong);
  } else {
    error = caller.Poll();
  }
  if (error) {
    cx.Fail(std::move(error));
    cx.work = 0;
    return false;
  }
  granted_ = done + kSlice;
  if (options.step_limit) granted_ = std::min(granted_, options.step_limit);
  cx.work = granted_ - done;
  return true;
}

namespace {

// Adds up what values hold; what several names share counts once. Without recursion: lists may be nested very deeply.
class Held {
 public:
  void Add(const Value& v) {
    Note(v);
    while (!open_.empty()) {
      const Value& next = *open_.back();
      open_.pop_back();
      if (next.is_list()) {
        for (const Value& item : next.items()) Note(item);
        objects_ += next.items().size() / 16;
      } else {
        for (const auto& [key, item] : next.entries()) Note(item);
        objects_ += next.entries().size() / 4;
      }
    }
  }
  uint64_t bytes() const { return bytes_; }
  uint64_t objects() const { return objects_; }

 private:
  void Note(const Value& v) {
    if (!v.counted()) return;
    if (v.rep()->refs.load(std::memory_order_relaxed) > 1 && !seen_.insert(v.rep()).second) return;
    ++objects_;
    bytes_ += OpContext::DirectBytes(v);
    if (!v.is_bytes()) open_.push_back(&v);
  }

  std::unordered_set<const void*> seen_;
  std::vector<const Value*> open_;
  uint64_t bytes_ = 0, objects_ = 0;
};

}  // namespace

// What is in use is measured only when as much was taken as there was room for: most of that may be garbage by then.
// The script fails when little would be left, so that it does not measure again and again.
bool Frame::MoreRoom(OpContext&, uint64_t wanted) {
  if (failed()) return false;
  Held in_use;
  for (size_t i = 0; i < slot_count; ++i) in_use.Add(slots[i]);
  for (const Value* v : held) in_use.Add(*v);
  const uint64_t used = in_use.bytes();
  const uint64_t limit = options.memory_limit;
  if (used > limit || wanted > limit - used || limit - used - wanted < limit / 16) {
    cx.Fail(Error(&kTooMuch));
    cx.work = 0;
    return false;
  }
  cx.room = limit - used - wanted;
  return cx.Spend(in_use.objects());
}

}  // namespace native

struct NativeScript::Impl {
  Program program;
  std::vector<native::FunctionCode> functions;
  const CommandTable* commands;
  native::Steps body;

  Impl(const Program& p, const CommandTable* table)
      : program(p), commands(table), body(native::CompileBlock(p.data().body, table)) {
    for (const ir::Function& f : p.data().functions) {
      functions.push_back({f.params, f.vars, f.weight, p.data().recursive, native::CompileBlock(f.body, table)});
    }
  }

  // As lines with their places, functions first.
  std::vector<ir::PlacedLine> Print() const {
    std::vector<ir::PlacedLine> lines;
    for (size_t i = 0; i < functions.size(); ++i) {
      lines.emplace_back("", "function" + std::to_string(i));
      for (const native::StepPtr& step : functions[i].body) step->Print(1, &lines);
    }
    for (const native::StepPtr& step : body) step->Print(0, &lines);
    return lines;
  }
};

NativeScript::NativeScript(const Program& program, const CommandTable* commands) : impl_(new Impl(program, commands)) {}
NativeScript::~NativeScript() = default;
NativeScript::NativeScript(NativeScript&&) noexcept = default;
NativeScript& NativeScript::operator=(NativeScript&&) noexcept = default;

const Program& NativeScript::program() const { return impl_->program; }

std::vector<std::pair<std::string, std::string>> NativeScript::ToLines() const { return impl_->Print(); }

std::string NativeScript::ToText() const {
  std::string text;
  for (const auto& [place, line] : ToLines()) text += line + "\n";
  return text;
}

namespace {

// A result may not be nested deeper than what travels.
bool Travels(const Value& v, int depth = 0) {
  if (v.kind() < Value::Kind::kList) return true;
  if (depth == kMaxNesting) return false;
  if (!v.rep()->nested) return true;
  if (v.is_list()) {
    for (const Value& item : v.items()) {
      if (!Travels(item, depth + 1)) return false;
    }
  } else {
    for (const auto& [key, item] : v.entries()) {
      if (!Travels(item, depth + 1)) return false;
    }
  }
  return true;
}

// Calls commands of the embedded engine as part of the turn.
class ExecCaller final : public CommandCaller {
 public:
  // `known`: rows are those of this engine.
  ExecCaller(Exec& exec, bool known)
      : exec_(exec), host_(exec.scripts().native()), run_(host_.native_run()), known_(known) {
    run_.Begin();
    exec_.turn().set_memo(&memo_);
  }
  ~ExecCaller() override {
    exec_.turn().set_memo(nullptr);
    run_.End();
  }

  Error Call(Args argv, ReplySink& sink) override { return Done(exec_.Call(argv, sink)); }
  Error CallKnown(const CommandRow& row, PreparedCommand* prepared, Args argv, ReplySink& sink) override {
    if (!known_) return Call(argv, sink);
    return Done(host_.CallKnown(exec_, row, prepared != nullptr ? prepared->Fill(argv) : nullptr, argv, sink));
  }
  Error Poll() override {
    if (run_.killed()) return Error(&kScriptKilled);
    constexpr int kPollsPerTurn = 16;
    if (++polls_ % kPollsPerTurn != 0) return {};
    return host_.ScriptComputes(std::exchange(first_, false));
  }

 private:
  Error Done(Outcome&& outcome) {
    if (!wrote_ && exec_.turn().changed()) {
      wrote_ = true;
      run_.Wrote();
    }
    return std::move(outcome).error();
  }

  Exec& exec_;
  NativeHost& host_;
  NativeRun& run_;
  KeyMemo memo_;
  const bool known_;
  bool wrote_ = false;
  bool first_ = true;
  int polls_ = 0;
};

}  // namespace

Result<Value> NativeScript::Run(CommandCaller& caller, std::span<const Bytes> keys, std::span<const Value> args,
                                const RunOptions& options) const {
  const ir::ProgramData& p = impl_->program.data();
  if (keys.size() != p.keys.size() || args.size() != p.args.size()) {
    return Error(ErrorCode::kErr, "ERR script: wrong number of keys or arguments");
  }
  // Few variables and arguments live on the stack.
  constexpr size_t kFew = 16;
  std::array<Value, kFew> few;
  std::vector<Value> many;
  const size_t needed = p.vars.size() + args.size();
  Value* room = few.data();
  if (needed > kFew) {
    many.resize(needed);
    room = many.data();
  }
  for (size_t i = 0; i < args.size(); ++i) {
    if (!DeepCopy(args[i], &room[p.vars.size() + i])) {
      return Error(ErrorCode::kErr, "ERR script: an argument is nested too deeply");
    }
  }
  Frame f(room, needed, keys, room + p.vars.size(), caller, options);
  f.functions = impl_->functions.data();
  f.program = &p;
  f.tracing = static_cast<bool>(options.trace);
  if (options.log) f.cx.log = options.log;
  try {
    native::RunAll(impl_->body, f);
  } catch (const std::bad_alloc&) {
    f.cx.Fail(Error(ErrorCode::kOom, "OOM out of memory in a script"));
  }
  if (!f.failed() && f.cx.BeginWalk(f.result, OpContext::Walk::kLook) && !Travels(f.result)) {
    f.cx.Fail("return", "nested too deeply");
  }
  if (!f.failed()) return std::move(f.result);
  if (options.place) *options.place = f.place ? *f.place : std::string();
  return std::move(f.cx.error);
}

Result<Value> NativeScript::Run(Exec& exec, std::span<const Bytes> keys, std::span<const Value> args,
                                const RunOptions& options) const {
  ExecCaller caller(exec, impl_->commands == &exec.commands());
  if (options.time_limit.count() == 0 || options.clock) return Run(caller, keys, args, options);
  RunOptions timed = options;
  timed.clock = &exec.clock();
  return Run(caller, keys, args, timed);
}

}  // namespace dualis::script
