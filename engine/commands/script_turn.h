// ScriptTurn: what a running script or function sees of its turn. While it lives, commands know that a script runs
// them, and a SELECT among them ends with it.
#ifndef DUALIS_ENGINE_COMMANDS_SCRIPT_TURN_H_
#define DUALIS_ENGINE_COMMANDS_SCRIPT_TURN_H_

#include "engine/command/describe.h"
#include "engine/command/exec.h"
#include "engine/command/script_host.h"

namespace dualis {

class ScriptTurn final : public ScriptCalls {
 public:
  explicit ScriptTurn(Exec& x) : x_(x), mode_(x.mode()), db_(x.db().index()) {
    x_.set_mode({.in_script = true});
    // The commands of a script are recorded, never the script.
    x_.NoEffect();
    x_.turn().set_memo(&memo_);
  }
  ~ScriptTurn() override {
    x_.turn().set_memo(nullptr);
    x_.set_mode(mode_);
    x_.UseDb(db_);
  }

  Error Begin(const ScriptFlags& flags) override {
    no_writes_ = flags.no_writes;
    const bool may_take = flags.allow_oom || flags.no_writes;
    if (flags.declared && !may_take && x_.server().memory_full()) return Error(&errors::kOverMaxmemory);
    x_.set_mode({.in_script = true, .allow_oom = flags.allow_oom});
    return {};
  }

  Error Call(Args argv, ReplySink& sink) override {
    if (no_writes_ && Writes(argv)) return Error(&kReadOnly);
    return x_.Call(argv, sink).error();
  }

  Result<bool> MayRun(Args argv) override {
    Error unknown;
    const CommandRow* row = x_.commands().Find(argv, &unknown);
    if (row == nullptr) return unknown;
    return x_.session().MayRun(*row, argv);
  }

  bool wrote() const override { return x_.turn().changed(); }

 private:
  static constexpr Error::Rep kReadOnly = {ErrorCode::kErr,
                                           "ERR Write commands are not allowed from read-only scripts."};

  // Of a command that would run; what Call refuses for another reason keeps that reason.
  bool Writes(Args argv) const {
    Error unknown;
    const CommandRow* row = x_.commands().Find(argv, &unknown);
    return row != nullptr && row->is(kWrite | kMayReplicate) && !row->is(kNoScriptFlag) &&
           row->describe().Accepts(argv.size());
  }

  Exec& x_;
  const Exec::Mode mode_;
  const int db_;
  KeyMemo memo_;
  bool no_writes_ = false;
};

}  // namespace dualis

#endif  // DUALIS_ENGINE_COMMANDS_SCRIPT_TURN_H_
