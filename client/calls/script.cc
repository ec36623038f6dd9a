// Scripts of a client: as Lua through any backend, and the naming of their keys and arguments.
#include "dualis/client_script.h"

#include <optional>
#include <utility>

#include "client/calls/core.h"
#include "dualis/client.h"
#include "dualis/errors.h"
#include "dualis/into.h"
#include "dualis/script.h"
#include "dualis/script_keys.h"
#include "script/semantics/json.h"

namespace dualis {
namespace {

// The names under which a server runs a program: of a text, and of one that it knows.
struct Forms {
  Bytes text, known;
};
Forms FormsOf(const script::Program& program) {
  // Replicas and users who may only read get on with a program that only reads.
  return program.read_only() ? Forms{"EVAL_RO", "EVALSHA_RO"} : Forms{"EVAL", "EVALSHA"};
}

// The words of a call; `what` is the text or its name. They borrow from all arguments.
std::vector<Arg> EvalWords(Bytes command, Bytes what, std::span<const Bytes> keys,
                           std::span<const std::string> encoded) {
  std::vector<Arg> words = {command, what, keys.size()};
  words.insert(words.end(), keys.begin(), keys.end());
  words.insert(words.end(), encoded.begin(), encoded.end());
  return words;
}

// Whether this is the server's own word that it does not know a script. An error of that code which a running script
// raised says more: where it happened.
bool IsUnknown(const Error& error) {
  return error.code() == ErrorCode::kNoScript && error.message() == Error(&errors::kNoScript).message();
}

// What the Lua of a program needs to be called.
struct LuaCode {
  script::LuaScript lua;
  Forms forms;
  const CommandRow* text_row;

  Result<script::Value> ValueOf(Result<std::string> reply, std::string* place) const {
    if (!reply) return script::NormalizeError(lua, reply.error(), place);
    return script::DecodeResult(*reply);
  }
};

class QueuedLua final : public QueuedScript {
 public:
  explicit QueuedLua(std::shared_ptr<const LuaCode> code) : code_(std::move(code)) {}
  ReplySink& sink() override { return *into_; }
  bool forgotten() override { return into_->complete() && IsUnknown(into_->error()); }
  void Repeat(Args sent, CommandBuffer& commands) override {
    std::vector<Arg> words(sent.begin(), sent.end());
    words[0] = code_->forms.text;
    words[1] = code_->lua.source;
    commands.Add(Request(words, code_->text_row));
    into_.emplace();
  }
  Result<script::Value> Take(const Error& unanswered, std::string* place) override {
    if (unanswered && !into_->complete()) return unanswered;
    return code_->ValueOf(std::move(*into_).Take(), place);
  }

 private:
  // Shared with the script that was called, which may go first.
  const std::shared_ptr<const LuaCode> code_;
  std::optional<Into<std::string>> into_{std::in_place};
};

class LuaLoaded final : public LoadedScript {
 public:
  LuaLoaded(Backend& backend, const script::Program& program)
      : backend_(backend),
        code_(std::make_shared<const LuaCode>(LuaCode{script::CompileLua(program), FormsOf(program),
                                                      backend.commands().FindByName(FormsOf(program).text)})),
        known_row_(backend.commands().FindByName(code_->forms.known)) {}

  Result<script::Value> Run(std::span<const Bytes> keys, std::span<const script::Value> arguments,
                            const CallOptions& options) override {
    if (options.trace != nullptr) {
      return Error(ErrorCode::kUsage, "ERR a script can be traced only where it runs natively, on mem://");
    }
    const std::vector<std::string> encoded = script::EncodeArgs(arguments);
    const script::LuaScript& lua = code_->lua;
    Result<std::string> reply = Call(EvalWords(code_->forms.known, lua.sha1, keys, encoded), known_row_, options);
    // The server was restarted or flushed its scripts, or this is the first call. EVAL runs it and keeps it.
    if (!reply && IsUnknown(reply.error())) {
      reply = Call(EvalWords(code_->forms.text, lua.source, keys, encoded), code_->text_row, options);
    }
    return code_->ValueOf(std::move(reply), options.place);
  }

  // The first call carries the text: what is queued cannot be sent again with it when the server does not know the
  // name, unless nothing came behind it (CommandQueue::RunForgotten).
  std::shared_ptr<QueuedScript> Queue(std::span<const Bytes> keys, std::span<const script::Value> arguments,
                                      const CallOptions&, CommandBuffer& commands,
                                      std::set<std::string, std::less<>>& carried) override {
    const std::vector<std::string> encoded = script::EncodeArgs(arguments);
    const script::LuaScript& lua = code_->lua;
    if (carried.insert(lua.sha1).second) {
      commands.Add(Request(EvalWords(code_->forms.text, lua.source, keys, encoded), code_->text_row));
    } else {
      commands.Add(Request(EvalWords(code_->forms.known, lua.sha1, keys, encoded), known_row_));
    }
    return std::make_shared<QueuedLua>(code_);
  }

 private:
  Result<std::string> Call(const std::vector<Arg>& words, const CommandRow* row, const CallOptions& options) {
    Into<std::string> sink;
    if (Error error = backend_.Execute(Request(words, row), sink, options)) return error;
    return std::move(sink).Take();
  }

  Backend& backend_;
  // Shared with the calls that are queued.
  const std::shared_ptr<const LuaCode> code_;
  const CommandRow* const known_row_;
};

// The place of a script's result in a pipeline. Until the script is queued it has none, but may be refused.
class ScriptSlot final : public client::ResultSlot<script::Value> {
 public:
  void set_script(std::shared_ptr<QueuedScript> script) { script_ = std::move(script); }
  QueuedScript* script() override { return script_.get(); }
  ReplySink& sink() override { return script_->sink(); }
  void Settle(const Error& error) override {
    result_ = script_ == nullptr ? Result<script::Value>(error) : script_->Take(error, &place_);
    script_.reset();
  }

 private:
  // Shared with the commands of the pipeline, where it is one of them (QueuedNative).
  std::shared_ptr<QueuedScript> script_;
};

// The values of `given` in the order of `declared`; an error names one that is missing.
template <class Map, class T>
Error Arrange(const std::vector<std::string>& declared, const Map& given, Bytes kind, std::vector<T>* arranged) {
  for (const std::string& name : declared) {
    const auto found = given.find(name);
    if (found == given.end()) {
      return Error(ErrorCode::kUsage, "ERR the script's " + std::string(kind) + " '" + name + "' is not given");
    }
    arranged->push_back(found->second);
  }
  return {};
}

// Whether a program may run at a client: a prefix must hold for all its keys.
Error ForPrefix(const client::ClientCore& core, const script::Program& program) {
  if (core.prefix().empty() || script::KeysAreDeclared(program, core.backend().commands())) return {};
  return Error(ErrorCode::kUsage, "ERR the script '" + std::string(program.name()) +
                                      "' uses keys that it does not declare: a prefix cannot hold for them");
}

}  // namespace

Result<std::shared_ptr<LoadedScript>> Backend::Load(const script::Program& program, ScriptForm) {
  return std::shared_ptr<LoadedScript>(std::make_shared<LuaLoaded>(*this, program));
}

Script::Script(std::shared_ptr<const client::ClientCore> core, CallOptions options, script::Program program,
               ScriptForm form, std::shared_ptr<LoadedScript> loaded)
    : core_(std::move(core)),
      options_(options),
      program_(std::move(program)),
      form_(form),
      loaded_(std::move(loaded)) {}

Result<script::Value> Script::operator()(const Keys& keys, const Arguments& arguments) const {
  return (*this)(keys, arguments, nullptr);
}

Result<script::Value> Script::operator()(const Keys& keys, const Arguments& arguments, std::string* place) const {
  if (place != nullptr) place->clear();
  CallOptions options = options_;
  options.place = place;
  return Call(keys, arguments, options);
}

Result<script::Value> Script::traced(const Keys& keys, const Arguments& arguments,
                                     const std::function<void(const script::TraceStep&)>& trace) const {
  CallOptions options = options_;
  options.trace = &trace;
  return Call(keys, arguments, options);
}

std::string Script::explain() const {
  Engine* engine = core_->backend().engine();
  return script::Explain(program_, engine != nullptr ? &engine->commands() : nullptr);
}

Result<script::Value> Script::Call(const Keys& keys, const Arguments& arguments, const CallOptions& options) const {
  std::vector<std::string> names;
  std::vector<script::Value> values;
  if (Error error = Arrange(program_.keys(), keys, "key", &names)) return error;
  if (Error error = Arrange(program_.args(), arguments, "argument", &values)) return error;
  if (!core_->prefix().empty()) {
    for (std::string& name : names) name.insert(0, core_->prefix().plain);
  }
  const std::vector<Bytes> views(names.begin(), names.end());
  return loaded_->Run(views, values, options);
}

Result<std::string> Script::json(Bytes keys, Bytes arguments) const {
  const auto read = [](Bytes text, const char* what) -> Result<script::Value> {
    script::Value value = script::Value::Dict();
    if (text.empty()) return value;
    if (script::ReadJson(text, &value) && value.is_dict()) return value;
    return Error(ErrorCode::kUsage, "ERR the script's " + std::string(what) + " are not a JSON object");
  };
  const Result<script::Value> names = read(keys, "keys"), values = read(arguments, "arguments");
  if (!names) return names.error();
  if (!values) return values.error();
  Keys by_name;
  for (const auto& [name, key] : names->entries()) {
    if (!key.is_bytes()) return Error(ErrorCode::kUsage, "ERR the script's key '" + name + "' is not a string");
    by_name.emplace(name, key.bytes());
  }
  const Result<script::Value> result = (*this)(by_name, values->entries());
  if (!result) return result.error();
  std::string text;
  if (const char* bad = script::WriteJson(*result, script::JsonStyle::kExact, &text)) {
    return Error(ErrorCode::kProtocol, "ERR the script's result is no JSON: " + std::string(bad));
  }
  return text;
}

Result<script::Value> Script::run(const Client& client, const Keys& keys, const Arguments& arguments) const {
  const Result<Script> there = client.register_script(program_, form_);
  if (!there) return there.error();
  return (*there)(keys, arguments);
}

Pending<script::Value> Script::Queue(CommandQueue& queue, const Keys& keys, const Arguments& arguments) const {
  auto slot = std::make_shared<ScriptSlot>();
  Result<std::shared_ptr<LoadedScript>> loaded = loaded_;
  std::vector<std::string> names;
  std::vector<script::Value> values;
  Error error = ForPrefix(*queue.core_, program_);
  if (!error) error = Arrange(program_.keys(), keys, "key", &names);
  if (!error) error = Arrange(program_.args(), arguments, "argument", &values);
  // The pipeline may be another client's.
  if (!error && queue.core_->backend().engine() != core_->backend().engine()) {
    loaded = queue.core_->Load(program_, form_);
    error = loaded.error();
  }
  if (error) {
    queue.Refuse(error, slot);
    return Pending<script::Value>(std::move(slot));
  }
  for (std::string& name : names) name.insert(0, queue.core_->prefix().plain);
  const std::vector<Bytes> views(names.begin(), names.end());
  slot->set_script((*loaded)->Queue(views, values, queue.options_, queue.buffer_, queue.texts_));
  queue.slots_.push_back({slot, nullptr});
  return Pending<script::Value>(std::move(slot));
}

Pending<script::Value> Script::queue(Pipeline& pipeline, const Keys& keys, const Arguments& arguments) const {
  return Queue(pipeline, keys, arguments);
}

Pending<script::Value> Script::queue(Transaction& transaction, const Keys& keys, const Arguments& arguments) const {
  return Queue(transaction, keys, arguments);
}

Result<Script> Client::register_script(const script::FnContext& context, ScriptForm form) const {
  const Result<script::Program> program = context.Build();
  if (!program) return program.error();
  return register_script(*program, form);
}

Result<Script> Client::register_script(const script::Program& program, ScriptForm form) const {
  if (Error error = ForPrefix(*core_, program)) return error;
  Result<std::shared_ptr<LoadedScript>> loaded = core_->Load(program, form);
  if (!loaded) return loaded.error();
  return Script(core_, options_, program, form, std::move(*loaded));
}

}  // namespace dualis
