#include "client/backends/native_call.h"

#include <utility>

#include "dualis/commands/scripting.h"
#include "engine/command/exec.h"
#include "engine/command/outcome.h"
#include "script/semantics/value.h"

namespace dualis::client {
namespace {

const NativeCall& CallAt(const void* self) { return *static_cast<const NativeCall*>(self); }

// While it lives, commands know that a script runs them; a SELECT among them ends with it. What ScriptTurn is for Lua.
class InScript {
 public:
  explicit InScript(Exec& exec) : exec_(exec), mode_(exec.mode()), db_(exec.db().index()) {
    exec_.set_mode({.in_script = true});
    // The commands of a script are recorded, never the script.
    exec_.NoEffect();
  }
  ~InScript() {
    exec_.set_mode(mode_);
    exec_.UseDb(db_);
  }
  InScript(const InScript&) = delete;
  InScript& operator=(const InScript&) = delete;

 private:
  Exec& exec_;
  const Exec::Mode mode_;
  const int db_;
};

Outcome Run(Exec& exec, const void* self, ReplySink& sink) {
  const NativeCall& call = CallAt(self);
  const InScript script(exec);
  *call.result = call.script->Run(exec, call.keys, call.arguments, *call.options);
  if (!*call.result) return call.result->error();
  sink.Null();
  return Outcome();
}

void Encode(const void* self, ArgList& out) {
  const NativeCall& call = CallAt(self);
  const script::Program& program = call.script->program();
  out.Add(program.read_only() ? "EVALSHA_RO" : "EVALSHA");
  out.Add(program.hash());
  out.Add(call.keys.size());
  for (Bytes key : call.keys) out.Add(key);
  for (const std::string& argument : script::EncodeArgs(call.arguments)) out.Own(argument);
}

void MapKeys(const void* self, KeyMapper& mapper, void* context, void (*visit)(void*, const void*)) {
  NativeCall call = CallAt(self);
  std::vector<std::string> names;
  for (Bytes key : call.keys) names.emplace_back(mapper.MapKey(key));
  const std::vector<Bytes> mapped(names.begin(), names.end());
  call.keys = mapped;
  call.owner = nullptr;
  visit(context, &call);
}

std::shared_ptr<const void> Keep(const void* self) {
  const NativeCall& call = CallAt(self);
  // Only what is queued is kept, but for a call that a pause postpones: its caller sleeps meanwhile.
  if (call.owner == nullptr) return std::make_shared<const NativeCall>(call);
  return std::shared_ptr<const void>(call.owner->shared_from_this(), self);
}

// What EVALSHA says of itself, but that not each call is timed: that would take as long as a short script.
constexpr CommandInfo Quick(CommandInfo info) {
  info.flags |= kFast;
  return info;
}

// The row of a command of words, for calls of that name.
CommandRow RowLike(const CommandRow& words, const CommandInfo& info) {
  CommandRow row = words;
  row.info = &info;
  row.run = &Run;
  row.encode = &Encode;
  row.check = [](const void*) { return Error(); };
  row.map_keys = &MapKeys;
  row.keep = &Keep;
  return row;
}

const CommandRow& RowOf(bool read_only) {
  static constexpr CommandInfo kReads = Quick(cmd::EvalShaRo::kInfo), kWrites = Quick(cmd::EvalSha::kInfo);
  static const CommandRow reads = RowLike(Row<cmd::EvalShaRo>::value, kReads);
  static const CommandRow writes = RowLike(Row<cmd::EvalSha>::value, kWrites);
  return read_only ? reads : writes;
}

// What is queued keeps nothing of the caller's, but what is nested too deeply: that the call will refuse.
std::vector<script::Value> CopyAll(std::span<const script::Value> values) {
  std::vector<script::Value> copies(values.size());
  for (size_t i = 0; i < values.size(); ++i) {
    if (!script::DeepCopy(values[i], &copies[i])) copies[i] = values[i];
  }
  return copies;
}

}  // namespace

Command NativeCall::command() const { return Command(RowOf(script->program().read_only()), this); }

QueuedNative::QueuedNative(std::shared_ptr<const script::NativeScript> script, std::span<const Bytes> keys,
                           std::span<const script::Value> arguments, script::RunOptions options)
    : script_(std::move(script)),
      names_(keys.begin(), keys.end()),
      keys_(names_.begin(), names_.end()),
      arguments_(CopyAll(arguments)),
      options_(std::move(options)),
      call_{script_.get(), keys_, arguments_, &options_, &result_, this} {
  options_.place = &place_;
}

Result<script::Value> QueuedNative::Take(const Error& unanswered, std::string* place) {
  if (unanswered && !answer_.complete()) return unanswered;
  if (place != nullptr) *place = place_;
  const Result<AnyReply> answer = std::move(answer_).Take();
  if (!answer) return answer.error();
  if (answer->kind == AnyReply::Kind::kError) return Error::FromReply(answer->text);
  return std::move(result_);
}

}  // namespace dualis::client
