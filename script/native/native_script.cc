#include <array>
#include <new>

#include "engine/command/exec.h"
#include "script/ir/program.h"
#include "script/native/compiler.h"

namespace dualis::script {

using native::Frame;

bool Frame::CheckLimits() {
  if (options.step_limit && steps > options.step_limit) {
    cx.Fail(Error(ErrorCode::kErr, "ERR script: the step limit was reached"));
  } else if (options.stop && options.stop->load(std::memory_order_relaxed)) {
    cx.Fail(Error(ErrorCode::kErr, "ERR script: stopped from outside"));
  }
  return !cx.failed;
}

struct NativeScript::Impl {
  Program program;
  std::vector<native::FunctionCode> functions;
  native::Steps body;

  explicit Impl(const Program& p) : program(p), body(native::CompileBlock(p.data().body)) {
    for (const ir::Function& f : p.data().functions) {
      functions.push_back({f.params, f.vars, f.weight, p.data().recursive, native::CompileBlock(f.body)});
    }
  }
};

NativeScript::NativeScript(const Program& program) : impl_(new Impl(program)) {}
NativeScript::~NativeScript() = default;
NativeScript::NativeScript(NativeScript&&) noexcept = default;
NativeScript& NativeScript::operator=(NativeScript&&) noexcept = default;

const Program& NativeScript::program() const { return impl_->program; }

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
  explicit ExecCaller(Exec& exec) : exec_(exec) {}
  Error Call(Args argv, ReplySink& sink) override { return exec_.Call(argv, sink).error(); }

 private:
  Exec& exec_;
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
  Frame f{room, keys, room + p.vars.size(), caller, options, OpContext{}, Value()};
  f.functions = impl_->functions.data();
  if (options.log) f.cx.log = options.log;
  try {
    native::RunAll(impl_->body, f);
  } catch (const std::bad_alloc&) {
    f.cx.Fail(Error(ErrorCode::kOom, "OOM out of memory in a script"));
  }
  if (!f.failed() && !Travels(f.result)) f.cx.Fail("return", "nested too deeply");
  if (!f.failed()) return std::move(f.result);
  if (options.place) *options.place = f.place ? *f.place : std::string();
  return std::move(f.cx.error);
}

Result<Value> NativeScript::Run(Exec& exec, std::span<const Bytes> keys, std::span<const Value> args,
                                const RunOptions& options) const {
  ExecCaller caller(exec);
  return Run(caller, keys, args, options);
}

}  // namespace dualis::script
