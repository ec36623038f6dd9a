// Scripts of a client: as Lua through any backend, and the naming of their keys and arguments.
#include "dualis/client_script.h"

#include <mutex>
#include <utility>

#include "client/calls/core.h"
#include "dualis/client.h"
#include "dualis/into.h"
#include "dualis/script.h"
#include "script/semantics/json.h"

namespace dualis {
namespace {

// The words of EVAL or EVALSHA; `what` is the text or its name. They borrow from all arguments.
std::vector<Arg> EvalWords(Bytes command, Bytes what, std::span<const Bytes> keys,
                           std::span<const std::string> encoded) {
  std::vector<Arg> words = {command, what, keys.size()};
  words.insert(words.end(), keys.begin(), keys.end());
  words.insert(words.end(), encoded.begin(), encoded.end());
  return words;
}

Result<script::Value> ValueOf(const script::LuaScript& lua, Result<std::string> reply, std::string* place = nullptr) {
  if (!reply) return script::NormalizeError(lua, reply.error(), place);
  return script::DecodeResult(*reply);
}

class LuaLoaded final : public LoadedScript {
 public:
  LuaLoaded(Backend& backend, script::LuaScript lua) : backend_(backend), lua_(std::move(lua)) {}

  Result<script::Value> Run(std::span<const Bytes> keys, std::span<const script::Value> arguments,
                            const CallOptions& options) override {
    if (options.trace != nullptr) {
      return Error(ErrorCode::kUsage, "ERR a script can be traced only where it runs natively, on mem://");
    }
    const std::vector<std::string> encoded = script::EncodeArgs(arguments);
    Result<std::string> reply = Call(EvalWords("EVALSHA", lua_.sha1, keys, encoded), options);
    // The server was restarted or flushed its scripts, or this is the first call. EVAL runs it and keeps it.
    if (!reply && reply.error().code() == ErrorCode::kNoScript) {
      reply = Call(EvalWords("EVAL", lua_.source, keys, encoded), options);
    }
    return ValueOf(lua_, std::move(reply), options.place);
  }

 private:
  Result<std::string> Call(const std::vector<Arg>& words, const CallOptions& options) {
    Error unknown;
    Into<std::string> sink;
    if (Error error = backend_.Execute(Request(words, backend_.commands().Find(words, &unknown)), sink, options)) {
      return error;
    }
    return std::move(sink).Take();
  }

  Backend& backend_;
  const script::LuaScript lua_;
};

// The place of a script's result in a pipeline.
class ScriptSlot final : public client::ResultSlot<script::Value> {
 public:
  explicit ScriptSlot(std::shared_ptr<const script::LuaScript> lua) : lua_(std::move(lua)) {}
  ReplySink& sink() override { return into_; }
  void Settle(const Error& error) override {
    result_ = ValueOf(*lua_, error && !into_.complete() ? Result<std::string>(error) : std::move(into_).Take());
  }

 private:
  const std::shared_ptr<const script::LuaScript> lua_;
  Into<std::string> into_;
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

}  // namespace

Result<std::shared_ptr<LoadedScript>> Backend::Load(const script::Program& program, ScriptForm) {
  return std::shared_ptr<LoadedScript>(std::make_shared<LuaLoaded>(*this, script::CompileLua(program)));
}

struct Script::Text {
  std::once_flag made;
  std::shared_ptr<const script::LuaScript> lua;
};

Script::Script(std::shared_ptr<const client::ClientCore> core, CallOptions options, script::Program program,
               ScriptForm form, std::shared_ptr<LoadedScript> loaded)
    : core_(std::move(core)),
      options_(options),
      program_(std::move(program)),
      form_(form),
      loaded_(std::move(loaded)),
      text_(std::make_shared<Text>()) {}

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
  std::call_once(text_->made,
                 [this] { text_->lua = std::make_shared<const script::LuaScript>(script::CompileLua(program_)); });
  auto slot = std::make_shared<ScriptSlot>(text_->lua);
  std::vector<std::string> names;
  std::vector<script::Value> values;
  Error error = Arrange(program_.keys(), keys, "key", &names);
  if (!error) error = Arrange(program_.args(), arguments, "argument", &values);
  if (error) {
    queue.Refuse(error, slot);
    return Pending<script::Value>(std::move(slot));
  }
  const std::vector<std::string> encoded = script::EncodeArgs(values);
  const std::vector<Bytes> views(names.begin(), names.end());
  // The text, not its name: what is queued cannot be sent again with the text when the server does not know the name.
  // Inside of a transaction nobody else makes the server forget a text that came before.
  const bool sent = queue.atomicity_ == Atomicity::kTransaction && !queue.texts_.insert(text_->lua->sha1).second;
  queue.Add(sent ? EvalWords("EVALSHA", text_->lua->sha1, views, encoded)
                 : EvalWords("EVAL", text_->lua->source, views, encoded),
            slot);
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
  if (!core_->prefix().empty() && !program.keys_are_declared()) {
    return Error(ErrorCode::kUsage, "ERR the script '" + std::string(program.name()) +
                                        "' uses keys that it does not declare: a prefix cannot hold for them");
  }
  Result<std::shared_ptr<LoadedScript>> loaded = core_->Load(program, form);
  if (!loaded) return loaded.error();
  return Script(core_, options_, program, form, std::move(*loaded));
}

}  // namespace dualis
