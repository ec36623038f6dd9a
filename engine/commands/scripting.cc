// EVAL and its kin: the engine's script host does the work; here are the two bridges between it and the turn.
#include "dualis/commands/scripting.h"

#include "engine/command/exec.h"
#include "engine/command/help.h"
#include "engine/command/row.h"
#include "engine/command/script_host.h"
#include "engine/command/word.h"
#include "engine/commands/script_turn.h"

namespace dualis::cmd {
namespace {

constexpr Error::Rep kFlushMode = {ErrorCode::kErr, "ERR SCRIPT FLUSH only support SYNC|ASYNC option"};
constexpr Error::Rep kDebugMode = {ErrorCode::kErr, "ERR Use SCRIPT DEBUG YES/SYNC/NO"};
constexpr Error::Rep kNoDebugger = {ErrorCode::kErr, "ERR There is no script debugger in an embedded engine"};

Outcome RunBody(Exec& x, const Eval& c, bool read_only, ReplySink& sink) {
  ScriptTurn turn(x);
  return x.scripts().Eval(c.script, {c.keys.span(), c.args.span(), read_only}, turn, sink);
}

Outcome RunSha(Exec& x, const EvalSha& c, bool read_only, ReplySink& sink) {
  ScriptTurn turn(x);
  return x.scripts().EvalSha(c.sha1, {c.keys.span(), c.args.span(), read_only}, turn, sink);
}

}  // namespace

Outcome Run(Exec& x, const Eval& c, ReplySink& sink) { return RunBody(x, c, false, sink); }
Outcome Run(Exec& x, const EvalRo& c, ReplySink& sink) { return RunBody(x, c, true, sink); }
Outcome Run(Exec& x, const EvalSha& c, ReplySink& sink) { return RunSha(x, c, false, sink); }
Outcome Run(Exec& x, const EvalShaRo& c, ReplySink& sink) { return RunSha(x, c, true, sink); }

Result<std::string> Run(Exec& x, const ScriptLoad& c) { return x.scripts().Load(c.script); }

Outcome Run(Exec& x, const ScriptExists& c, ReplySink& sink) {
  sink.Begin(Shape::kArray, c.sha1s.size());
  for (Bytes sha1 : c.sha1s) sink.Int(x.scripts().Exists(sha1) ? 1 : 0);
  sink.End();
  return Outcome();
}

Result<Ack> Run(Exec& x, const ScriptFlush& c) {
  if (c.mode.size() > 1 || (c.mode.size() == 1 && !IsWord(c.mode[0], "SYNC") && !IsWord(c.mode[0], "ASYNC"))) {
    return Error(&kFlushMode);
  }
  x.scripts().Flush();
  return Ack{};
}

Result<Ack> Run(Exec& x, const ScriptKill&) {
  if (Error error = x.scripts().Kill(ScriptKind::kScript)) return error;
  return Ack{};
}

Result<Ack> Run(Exec&, const ScriptDebug& c) {
  if (IsWord(c.mode, "NO")) return Ack{};
  if (IsWord(c.mode, "YES") || IsWord(c.mode, "SYNC")) return Error(&kNoDebugger);
  return Error(&kDebugMode);
}

Outcome Run(Exec&, const ScriptHelp&, ReplySink& sink) {
  static constexpr Bytes kLines[] = {
      "DEBUG (YES|SYNC|NO)",
      "    Set the debug mode for subsequent scripts executed.",
      "EXISTS <sha1> [<sha1> ...]",
      "    Return information about the existence of the scripts in the script cache.",
      "FLUSH [ASYNC|SYNC]",
      "    Flush the Lua scripts cache. Very dangerous on replicas.",
      "    When called without the optional mode argument, the behavior is determined by the",
      "    lazyfree-lazy-user-flush configuration directive. Valid modes are:",
      "    * ASYNC: Asynchronously flush the scripts cache.",
      "    * SYNC: Synchronously flush the scripts cache.",
      "KILL",
      "    Kill the currently executing Lua script.",
      "LOAD <script>",
      "    Load a script into the scripts cache without executing it.",
  };
  return EmitHelp("SCRIPT", kLines, sink);
}

}  // namespace dualis::cmd

namespace dualis {

Family ScriptingCommands() {
  static constexpr const CommandRow* kCommands[] = {
      Add<cmd::Eval>(),        Add<cmd::EvalRo>(),       Add<cmd::EvalSha>(),     Add<cmd::EvalShaRo>(),
      Add<cmd::ScriptDebug>(), Add<cmd::ScriptExists>(), Add<cmd::ScriptFlush>(), Add<cmd::ScriptHelp>(),
      Add<cmd::ScriptKill>(),  Add<cmd::ScriptLoad>(),
  };
  return {kCommands};
}

}  // namespace dualis
