#include "dualis/commands/functions.h"

#include <map>

#include "engine/command/exec.h"
#include "engine/command/function_host.h"
#include "engine/command/help.h"
#include "engine/command/row.h"
#include "engine/command/word.h"
#include "engine/commands/script_turn.h"
#include "engine/core/glob.h"
#include "engine/rdb/dump.h"

namespace dualis::cmd {
namespace {

constexpr Bytes kContainer = "FUNCTION";
constexpr Error::Rep kNoFunction = {ErrorCode::kErr, "ERR Function not found"};
constexpr Error::Rep kNoLibrary = {ErrorCode::kErr, "ERR Library not found"};
constexpr Error::Rep kNoPattern = {ErrorCode::kErr, "ERR library name argument was not given"};
constexpr Error::Rep kFlushMode = {ErrorCode::kErr, "ERR FUNCTION FLUSH only supports SYNC|ASYNC option"};
constexpr Error::Rep kPolicy = {ErrorCode::kErr,
                                "ERR Wrong restore policy given, value should be either FLUSH, APPEND or REPLACE."};
constexpr Error::Rep kPayload = {ErrorCode::kErr, "ERR failed loading the given functions payload"};

FunctionHost& Functions(Exec& x) { return x.scripts().functions(); }

template <class C>
Outcome CallFunction(Exec& x, const C& c, bool read_only, ReplySink& sink) {
  if (Functions(x).Find(c.function) == nullptr) return Error(&kNoFunction);
  if (c.wrong_keys) return c.wrong_keys;
  ArgList encoded;
  if (x.words().empty()) Row<C>::value.encode(&c, encoded);
  const Args words = x.words().empty() ? encoded.args() : x.words();
  ScriptTurn turn(x);
  const ScriptInput input{c.keys.span(), c.args.span(), read_only, words, x.turn().clock().NowMonotonic()};
  return Functions(x).Call(c.function, input, turn, sink);
}

void EmitRunning(Exec& x, const RunningFunction* running, ReplySink& sink) {
  if (running == nullptr) return sink.Null();
  sink.Begin(Shape::kMap, 3);
  sink.Bulk("name");
  sink.Bulk(running->name);
  sink.Bulk("command");
  sink.Begin(Shape::kArray, running->words.size());
  char buffer[Arg::kTextBytes];
  for (const Arg& word : running->words) sink.Bulk(word.Text(buffer));
  sink.End();
  sink.Bulk("duration_ms");
  sink.Int(x.turn().clock().NowMonotonic() - running->since);
  sink.End();
}

void EmitFlags(const ScriptFlags& flags, ReplySink& sink) {
  const std::pair<bool, Bytes> names[] = {{flags.no_writes, "no-writes"},
                                          {flags.allow_oom, "allow-oom"},
                                          {flags.allow_stale, "allow-stale"},
                                          {flags.no_cluster, "no-cluster"},
                                          {flags.allow_cross_slot_keys, "allow-cross-slot-keys"}};
  size_t count = 0;
  for (const auto& [set, name] : names) count += set ? 1 : 0;
  sink.Begin(Shape::kSet, count);
  for (const auto& [set, name] : names) {
    if (set) sink.Simple(name);
  }
  sink.End();
}

void EmitLibrary(const LibraryInfo& library, bool with_code, ReplySink& sink) {
  sink.Begin(Shape::kMap, with_code ? 4 : 3);
  sink.Bulk("library_name");
  sink.Bulk(library.name);
  sink.Bulk("engine");
  sink.Bulk("LUA");
  sink.Bulk("functions");
  sink.Begin(Shape::kArray, library.functions.size());
  for (const FunctionInfo& function : library.functions) {
    sink.Begin(Shape::kMap, 3);
    sink.Bulk("name");
    sink.Bulk(function.name);
    sink.Bulk("description");
    Emit(sink, function.description);
    sink.Bulk("flags");
    EmitFlags(function.flags, sink);
    sink.End();
  }
  sink.End();
  if (with_code) {
    sink.Bulk("library_code");
    sink.Bulk(library.code);
  }
  sink.End();
}

}  // namespace

Outcome Run(Exec& x, const FCall& c, ReplySink& sink) { return CallFunction(x, c, false, sink); }
Outcome Run(Exec& x, const FCallRo& c, ReplySink& sink) { return CallFunction(x, c, true, sink); }

Result<std::string> Run(Exec& x, const FunctionLoad& c) {
  if (c.words.size() > 1) return errors::Named("ERR Unknown option given: ", c.words[0]);
  // The last word is the code, whatever it says.
  const bool alone = c.words.empty();
  auto name = Functions(x).Load(alone ? Bytes("REPLACE") : c.words[0], c.replace && !alone);
  if (name) x.turn().set_changed(true);
  return name;
}

Result<Ack> Run(Exec& x, const FunctionDelete& c) {
  if (!Functions(x).Delete(c.library)) return Error(&kNoLibrary);
  x.turn().set_changed(true);
  return Ack{};
}

Result<Ack> Run(Exec& x, const FunctionFlush& c) {
  if (c.mode.size() > 1) return SubcommandSyntax(x, "FLUSH", kContainer);
  if (c.mode.size() == 1 && !IsWord(c.mode[0], "SYNC") && !IsWord(c.mode[0], "ASYNC")) return Error(&kFlushMode);
  Functions(x).Flush();
  x.turn().set_changed(true);
  return Ack{};
}

Outcome Run(Exec& x, const FunctionList& c, ReplySink& sink) {
  std::optional<Bytes> pattern;
  bool with_code = false;
  for (size_t i = 0; i < c.words.size(); ++i) {
    if (!with_code && IsWord(c.words[i], "WITHCODE")) {
      with_code = true;
    } else if (!pattern && IsWord(c.words[i], "LIBRARYNAME")) {
      if (++i == c.words.size()) return Error(&kNoPattern);
      pattern = c.words[i];
    } else {
      return errors::Named("ERR Unknown argument ", c.words[i]);
    }
  }
  std::vector<const LibraryInfo*> libraries = Functions(x).libraries();
  std::erase_if(libraries,
                [&](const LibraryInfo* l) { return pattern && !GlobMatch(*pattern, l->name, GlobCase::kIgnore); });
  sink.Begin(Shape::kArray, libraries.size());
  for (const LibraryInfo* library : libraries) EmitLibrary(*library, with_code, sink);
  sink.End();
  return Outcome();
}

// Whoever asks is alone in the engine, but for a script that computes for so long that others are served meanwhile.
Outcome Run(Exec& x, const FunctionStats&, ReplySink& sink) {
  if (x.scripts().runs_script()) return Error(&errors::kBusyScript);
  const auto libraries = Functions(x).libraries();
  size_t functions = 0;
  for (const LibraryInfo* library : libraries) functions += library->functions.size();
  sink.Begin(Shape::kMap, 2);
  sink.Bulk("running_script");
  EmitRunning(x, Functions(x).running(), sink);
  sink.Bulk("engines");
  sink.Begin(Shape::kMap, 1);
  sink.Bulk("LUA");
  sink.Begin(Shape::kMap, 2);
  sink.Bulk("libraries_count");
  sink.Int(static_cast<int64_t>(libraries.size()));
  sink.Bulk("functions_count");
  sink.Int(static_cast<int64_t>(functions));
  sink.End();
  sink.End();
  sink.End();
  return Outcome();
}

Result<Ack> Run(Exec& x, const FunctionKill&) {
  if (Error error = x.scripts().Kill(ScriptKind::kFunction)) return error;
  return Ack{};
}

Result<std::string> Run(Exec& x, const FunctionDump&) {
  std::vector<Bytes> codes;
  for (const LibraryInfo* library : Functions(x).libraries()) codes.push_back(library->code);
  return rdb::DumpFunctions(codes);
}

Result<Ack> Run(Exec& x, const FunctionRestore& c) {
  if (c.policy.size() > 1) return SubcommandSyntax(x, "RESTORE", kContainer);
  auto on_conflict = FunctionHost::OnConflict::kAppend;
  if (c.policy.size() == 1) {
    if (IsWord(c.policy[0], "FLUSH")) {
      on_conflict = FunctionHost::OnConflict::kFlush;
    } else if (IsWord(c.policy[0], "REPLACE")) {
      on_conflict = FunctionHost::OnConflict::kReplace;
    } else if (!IsWord(c.policy[0], "APPEND")) {
      return Error(&kPolicy);
    }
  }
  if (!rdb::IsSoundDump(c.payload)) return Error(&errors::kDumpVersion);
  const auto codes = rdb::ReadFunctionDump(c.payload);
  if (!codes) return Error(&kPayload);
  if (Error error = Functions(x).Restore(*codes, on_conflict)) return error;
  x.turn().set_changed(true);
  return Ack{};
}

Outcome Run(Exec&, const FunctionHelp&, ReplySink& sink) {
  static constexpr Bytes kLines[] = {
      "LOAD [REPLACE] <FUNCTION CODE>",
      "    Create a new library with the given library name and code.",
      "DELETE <LIBRARY NAME>",
      "    Delete the given library.",
      "LIST [LIBRARYNAME PATTERN] [WITHCODE]",
      "    Return general information on all the libraries:",
      "    * Library name",
      "    * The engine used to run the Library",
      "    * Library description",
      "    * Functions list",
      "    * Library code (if WITHCODE is given)",
      "    It also possible to get only function that matches a pattern using LIBRARYNAME argument.",
      "STATS",
      "    Return information about the current function running:",
      "    * Function name",
      "    * Command used to run the function",
      "    * Duration in MS that the function is running",
      "    If no function is running, return nil",
      "    In addition, returns a list of available engines.",
      "KILL",
      "    Kill the current running function.",
      "FLUSH [ASYNC|SYNC]",
      "    Delete all the libraries.",
      "    When called without the optional mode argument, the behavior is determined by the",
      "    lazyfree-lazy-user-flush configuration directive. Valid modes are:",
      "    * ASYNC: Asynchronously flush the libraries.",
      "    * SYNC: Synchronously flush the libraries.",
      "DUMP",
      "    Return a serialized payload representing the current libraries, can be restored using FUNCTION RESTORE "
      "command",
      "RESTORE <PAYLOAD> [FLUSH|APPEND|REPLACE]",
      "    Restore the libraries represented by the given payload, it is possible to give a restore policy to",
      "    control how to handle existing libraries (default APPEND):",
      "    * FLUSH: delete all existing libraries.",
      "    * APPEND: appends the restored libraries to the existing libraries. On collision, abort.",
      "    * REPLACE: appends the restored libraries to the existing libraries, On collision, replace the old",
      "      libraries with the new libraries (notice that even on this option there is a chance of failure",
      "      in case of functions name collision with another library).",
  };
  return EmitHelp(kContainer, kLines, sink);
}

}  // namespace dualis::cmd

namespace dualis {

Family FunctionCommands() {
  static constexpr const CommandRow* kCommands[] = {
      Add<cmd::FCall>(),         Add<cmd::FCallRo>(),         Add<cmd::FunctionDelete>(), Add<cmd::FunctionDump>(),
      Add<cmd::FunctionFlush>(), Add<cmd::FunctionHelp>(),    Add<cmd::FunctionKill>(),   Add<cmd::FunctionList>(),
      Add<cmd::FunctionLoad>(),  Add<cmd::FunctionRestore>(), Add<cmd::FunctionStats>(),
  };
  return {kCommands};
}

}  // namespace dualis
