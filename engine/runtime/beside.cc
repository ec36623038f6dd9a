// EngineImpl: what other clients hear while a script computes for long.
#include <utility>

#include "dualis/commands/transactions.h"
#include "engine/command/word.h"
#include "engine/runtime/engine_impl.h"
#include "engine/runtime/session_impl.h"

namespace dualis::runtime {
namespace {

constexpr Error::Rep kScriptShutdown = {ErrorCode::kErr, "ERR Script killed by SHUTDOWN NOSAVE."};

}  // namespace

Error EngineImpl::ScriptComputes(bool first) {
  const TimeMs now = clock_->NowMonotonic();
  if (first) computes_since_ = now;
  const int64_t threshold = server_.settings().number(Setting::kBusyReplyThreshold);
  if (threshold <= 0 || now - computes_since_ < threshold) return Error();
  serves_others_ = true;
  for (const auto& [whose, serve] : fronts_) serve();
  serves_others_ = false;
  return std::exchange(script_is_over_, false) ? Error(&kScriptShutdown) : Error();
}

namespace {

// What needs no turn to itself: of the commands that Redis allows meanwhile those that touch no key.
bool MayRunBeside(const Invocation& call) { return call.row->is(kAllowBusy) && call.row != &Row<cmd::Watch>::value; }

bool IsShutdownNoSave(const Invocation& call) {
  return call.row->name() == "SHUTDOWN" && call.argv.size() == 2 && call.argv[1].is_bytes() &&
         IsWord(call.argv[1].bytes, "NOSAVE");
}

}  // namespace

void EngineImpl::ExecuteBeside(SessionImpl& session, const Invocation& call, ReplySink& sink) {
  try {
    Error refusal;
    Admit(session, call, &refusal);
    const bool shutdown = IsShutdownNoSave(call);
    if (!refusal && !shutdown && !MayRunBeside(call)) {
      const bool script = native_run_.running() || scripts_->runs_script();
      refusal = Error(script ? &errors::kBusyScript : &errors::kBusyFunction);
    }
    if (refusal) return session.Refuse(call.row, refusal, sink);
    Turn turn(*clock_, server_.limits(), server_.access(), *this);
    Exec x(turn, *this, db(session.db()), session);
    SessionImpl* const acting = std::exchange(acting_, &session);
    const Outcome outcome = Guarded(x, call, sink);
    acting_ = acting;
    if (outcome.error()) return sink.Error(outcome.error());
    // Nobody waits for what the script would still do.
    script_is_over_ = script_is_over_ || shutdown;
  } catch (const std::bad_alloc&) {
    sink.Error(Error(&errors::kOutOfMemory));
  }
}

}  // namespace dualis::runtime
