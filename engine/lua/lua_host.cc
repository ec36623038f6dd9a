#include "engine/lua/lua_host.h"

#include <algorithm>
#include <utility>

#include "dualis/errors.h"
#include "engine/core/sha1.h"
#include "engine/lua/script_text.h"

namespace dualis::lua {
namespace {

constexpr char kChunk[] = "@user_script";
constexpr Error::Rep kNoScript = {ErrorCode::kNoScript, "NOSCRIPT No matching script. Please use EVAL."};
constexpr Error::Rep kNested = {ErrorCode::kErr, "ERR This Redis command is not allowed from script"};

}  // namespace

LuaHost::LuaHost(const LuaHostOptions& options) : runner_(options), functions_(options) {}

Result<LuaHost::Scripts::const_iterator> LuaHost::Compile(Bytes sha1, Bytes body) {
  if (auto it = scripts_.find(sha1); it != scripts_.end()) return it;
  if (Error error = runner_.Open()) return error;
  auto text = ReadScriptText(body);
  if (!text) return text.error();
  // The row first: then nothing can fail once Lua holds the function.
  const auto row =
      scripts_.emplace(std::string(sha1), Script{text->flags, LUA_NOREF, LineOfLastReturn(text->code)}).first;
  std::string wrong;
  const int function = runner_.Compile(text->code, kChunk, &wrong);
  if (function == LUA_NOREF) {
    scripts_.erase(row);
    return Error(ErrorCode::kErr, "ERR Error compiling script (new function): " + wrong);
  }
  row->second.function = function;
  return Scripts::const_iterator(row);
}

Error LuaHost::Run(Scripts::const_iterator script, const ScriptInput& input, ScriptCalls& calls, ReplySink& sink) {
  const LuaFunction function{.name = script->first,
                             .chunk = kChunk,
                             .reference = script->second.function,
                             .last_return = script->second.last_return};
  return runner_.Run(function, script->second.flags, input, calls, sink);
}

Error LuaHost::Eval(Bytes body, const ScriptInput& input, ScriptCalls& calls, ReplySink& sink) {
  if (busy()) return Error(&kNested);
  const auto sha1 = Sha1Hex(body);
  auto script = Compile(Bytes(sha1.data(), sha1.size()), body);
  if (!script) return script.error();
  return Run(*script, input, calls, sink);
}

Error LuaHost::EvalSha(Bytes sha1, const ScriptInput& input, ScriptCalls& calls, ReplySink& sink) {
  if (busy()) return Error(&kNested);
  const auto script = Find(sha1);
  if (script == scripts_.end()) return Error(&kNoScript);
  return Run(script, input, calls, sink);
}

Result<std::string> LuaHost::Load(Bytes body) {
  const auto sha1 = Sha1Hex(body);
  auto script = Compile(Bytes(sha1.data(), sha1.size()), body);
  if (!script) return script.error();
  return (*script)->first;
}

LuaHost::Scripts::const_iterator LuaHost::Find(Bytes sha1) const {
  char lower[40];
  if (sha1.size() != std::size(lower)) return scripts_.end();
  std::transform(sha1.begin(), sha1.end(), lower, [](char c) { return c >= 'A' && c <= 'F' ? char(c + 32) : c; });
  return scripts_.find(Bytes(lower, std::size(lower)));
}

bool LuaHost::Exists(Bytes sha1) const { return Find(sha1) != scripts_.end(); }

void LuaHost::Flush() {
  if (busy()) return;
  scripts_.clear();
  runner_.Close();
}

ScriptFlags LuaHost::FlagsOf(Bytes body) const {
  const auto text = ReadScriptText(body);
  return text ? text->flags : ScriptFlags();
}

ScriptFlags LuaHost::FlagsOfSha(Bytes sha1) const {
  const auto script = Find(sha1);
  return script == scripts_.end() ? ScriptFlags() : script->second.flags;
}

Error LuaHost::Kill(ScriptKind kind) {
  LuaRunner& runner = functions_.is_running() ? functions_.runner() : runner_;
  const bool is_function = &runner != &runner_;
  if (runner.killable() && is_function != (kind == ScriptKind::kFunction)) {
    return Error(is_function ? &errors::kBusyFunction : &errors::kBusyScript);
  }
  return runner.Kill();
}

}  // namespace dualis::lua
