#include "engine/lua/lua_host.h"

#include <algorithm>
#include <utility>

#include "engine/core/sha1.h"
#include "engine/lua/host_state.h"
#include "engine/lua/lua_reply.h"
#include "engine/lua/puc_source.h"
#include "engine/lua/script_text.h"

namespace dualis::lua {
namespace {

constexpr Error::Rep kNoScript = {ErrorCode::kNoScript, "NOSCRIPT No matching script. Please use EVAL."};
constexpr Error::Rep kNotBusy = {ErrorCode::kNotBusy, "NOTBUSY No scripts in execution right now."};
constexpr Error::Rep kUnkillable = {
    ErrorCode::kUnkillable,
    "UNKILLABLE Sorry the script already executed write commands against the dataset. You can either wait the script "
    "termination or kill the server in a hard way using the SHUTDOWN NOSAVE command."};
constexpr Error::Rep kNested = {ErrorCode::kErr, "ERR This Redis command is not allowed from script"};
constexpr Error::Rep kNoMemory = {ErrorCode::kOom, "OOM out of memory"};

// Lua's own allocator, with a limit in front.
void* Allocate(void* data, void* block, size_t old_size, size_t new_size) {
  HostState& state = *static_cast<HostState*>(data);
  if (new_size > old_size && (state.used > state.limit || new_size - old_size > state.limit - state.used)) {
    return nullptr;
  }
  void* result = state.base_alloc(state.base_data, block, old_size, new_size);
  if (result != nullptr || new_size == 0) state.used += new_size - old_size;
  return result;
}

void Hook(lua_State* L, lua_Debug*) {
  HostState& state = StateOf(L);
  if (!state.Spend(HostState::kHookSteps)) RaiseEnd(L);
  if (state.used > state.next_collection) {
    // Lua paces its collector by what is in use and knows no limit; near the limit garbage would be charged as memory.
    Api().gc(L, LUA_GCCOLLECT, 0);
    state.next_collection = state.used + (state.limit - std::min(state.limit, state.used)) / 2;
  }
}

void ArmHook(lua_State* L) { Api().sethook(L, Hook, LUA_MASKCOUNT, HostState::kHookSteps); }

// Sets the global `name` to the array of the texts.
template <class T>
void SetGlobalArray(lua_State* L, const char* name, std::span<const T> items) {
  const LuaApi& api = Api();
  api.rawgeti(L, LUA_REGISTRYINDEX, StateOf(L).globals);
  api.createtable(L, static_cast<int>(std::min<size_t>(items.size(), 1 << 26)), 0);
  for (size_t i = 0; i < items.size(); ++i) {
    api.pushbytes(L, items[i]);
    api.rawseti(L, -2, static_cast<int>(i + 1));
  }
  api.setfield(L, -2, name);
  api.pop(L, 1);
}

// Where an error happened that left no frame behind: LuaJIT drops the frame of a function that ends in a tail call, and
// such a call follows a `return`.
int LineOfLastReturn(Bytes code) {
  const size_t at = code.rfind("return");
  return at == Bytes::npos ? 1 : 1 + static_cast<int>(std::count(code.begin(), code.begin() + at, '\n'));
}

struct Compiling {
  Bytes code;     // as the user wrote it
  Bytes changed;  // as LuaJIT shall read it
  int function = LUA_NOREF;
  std::string error;
};

// Takes a copy of a text that lives in Lua; the empty text if memory is short.
void Copy(std::string& to, Bytes text) {
  try {
    to = text;
  } catch (const std::bad_alloc&) {
    to.clear();
  }
}

int CompileProtected(lua_State* L) {
  const LuaApi& api = Api();
  auto& c = *static_cast<Compiling*>(api.touserdata(L, 1));
  if (LoadText(L, c.changed, "@user_script") != 0 && LoadText(L, c.code, "@user_script") != 0) {
    Copy(c.error, api.tobytes(L, -1));
    return 0;
  }
  c.function = api.aux_ref(L, LUA_REGISTRYINDEX);
  return 0;
}

}  // namespace

// What the protected part of a run needs and leaves.
struct LuaHost::Running {
  HostState& state;
  const ScriptInput& input;
  int function;
  ReplySink& sink;

  bool failed = false;
  std::string error;
  std::string source;  // of the error, with line, if both are known
  std::string line;

  static int Protected(lua_State* L) {
    const LuaApi& api = Api();
    auto& run = *static_cast<Running*>(api.touserdata(L, 1));
    api.settop(L, 0);
    SetGlobalArray(L, "KEYS", run.input.keys);
    SetGlobalArray(L, "ARGV", run.input.args);
    PushErrorHandler(L);
    api.rawgeti(L, LUA_REGISTRYINDEX, run.function);
    const int status = api.pcall(L, 0, 1, 1);
    api.remove(L, 1);
    // What follows is ours and not the script's to pay for.
    run.state.limit = SIZE_MAX;
    if (status != 0) {
      run.failed = true;
      run.ReadError(L);
    } else if (!run.state.ended) {
      run.failed = EmitResult(L, run.state.resp, run.sink, &run.error);
    }
    return 0;
  }

  // {err=, source=, line=}, or a text if not even the error handler could run.
  void ReadError(lua_State* L) {
    const LuaApi& api = Api();
    if (api.type(L, 1) != LUA_TTABLE) {
      Copy(error, api.isstring(L, 1) ? api.tobytes(L, 1) : Bytes("execution failure"));
      bare = true;
      return;
    }
    auto read = [&](Name name, std::string& to, Bytes otherwise) {
      PushName(L, name);
      api.rawget(L, 1);
      Copy(to, api.isstring(L, -1) ? api.tobytes(L, -1) : otherwise);
      api.pop(L, 1);
    };
    read(Name::kErr, error, "ERR unknown error");
    read(Name::kSource, source, "");
    read(Name::kLine, line, "");
  }

  bool bare = false;  // `error` is Lua's own text, not an error table's
};

LuaHost::LuaHost(const LuaHostOptions& options) : options_(options), state_(std::make_unique<HostState>()) {}

LuaHost::~LuaHost() { Close(); }

Error LuaHost::Open() {
  if (L_ != nullptr) return {};
  if (Error error = LoadLuaApi()) return error;
  const LuaApi& api = Api();
  L_ = api.aux_newstate();
  if (L_ == nullptr) return Error(&kNoMemory);
  state_->base_alloc = api.getallocf(L_, &state_->base_data);
  state_->used = static_cast<size_t>(api.gc(L_, LUA_GCCOUNT, 0)) * 1024 + api.gc(L_, LUA_GCCOUNTB, 0);
  api.setallocf(L_, Allocate, state_.get());
  state_->cjson = CjsonOptions();
  state_->random.Seed(options_.random_seed);
  if (api.cpcall(L_, OpenSandbox, nullptr) != 0) {
    Close();
    return Error(&kNoMemory);
  }
  // Opening the libraries has switched the compiler on.
  api.jit_setmode(L_, 0, LUAJIT_MODE_ENGINE | (options_.jit ? LUAJIT_MODE_ON : LUAJIT_MODE_OFF));
  ArmHook(L_);
  return {};
}

void LuaHost::Close() {
  if (L_ == nullptr) return;
  // Lua frees its own allocator only if it still has it.
  Api().setallocf(L_, state_->base_alloc, state_->base_data);
  Api().close(L_);
  L_ = nullptr;
}

Result<LuaHost::Scripts::const_iterator> LuaHost::Compile(Bytes sha1, Bytes body) {
  if (auto it = scripts_.find(sha1); it != scripts_.end()) return it;
  if (Error error = Open()) return error;
  auto text = ReadScriptText(body);
  if (!text) return text.error();
  const LuaApi& api = Api();
  const std::string changed = PucSource(text->code);
  // The row first: then nothing can fail once Lua holds the function.
  const auto row =
      scripts_.emplace(std::string(sha1), Script{text->flags, LUA_NOREF, LineOfLastReturn(text->code)}).first;
  Compiling compiling{text->code, changed};
  const int status = api.cpcall(L_, CompileProtected, &compiling);
  if (status != 0) Copy(compiling.error, api.isstring(L_, -1) ? api.tobytes(L_, -1) : Bytes("not enough memory"));
  api.settop(L_, 0);
  if (compiling.function == LUA_NOREF) {
    scripts_.erase(row);
    OneLine(compiling.error);
    return Error(ErrorCode::kErr, "ERR Error compiling script (new function): " + compiling.error);
  }
  row->second.function = compiling.function;
  return Scripts::const_iterator(row);
}

Error LuaHost::Run(Scripts::const_iterator script, const ScriptInput& input, ScriptCalls& calls, ReplySink& sink) {
  ScriptFlags flags = script->second.flags;
  if (input.read_only) flags.no_writes = true;
  if (Error error = calls.Begin(flags)) return error;

  HostState& state = *state_;
  state.calls = &calls;
  state.resp = 2;
  state.steps = state.uncounted = 0;
  state.step_limit = options_.step_limit == 0 ? UINT64_MAX : options_.step_limit;
  if (options_.memory_limit != 0) {
    state.limit = state.used + options_.memory_limit;
    state.next_collection = state.used + options_.memory_limit / 2;
  }
  state.wrote.store(false, std::memory_order_relaxed);
  state.kill.store(false, std::memory_order_relaxed);
  state.running.store(true, std::memory_order_release);

  state.stack_base = static_cast<const char*>(__builtin_frame_address(0));
  Running run{state, input, script->second.function, sink};
  const LuaApi& api = Api();
  const int status = api.cpcall(L_, Running::Protected, &run);
  state.running.store(false, std::memory_order_release);
  state.limit = state.next_collection = SIZE_MAX;
  state.calls = nullptr;
  state.sink.Clear();
  state.call_error = Error();
  if (status != 0) {
    run.failed = run.bare = true;
    Copy(run.error, api.isstring(L_, -1) ? api.tobytes(L_, -1) : Bytes("not enough memory"));
  }
  api.settop(L_, 0);

  if (std::exchange(state.ended, false)) {
    ArmHook(L_);
    run.failed = true;
    const Error end = std::exchange(state.end_error, Error());
    // The script may have caught it and failed differently while it was being ended.
    if (run.error != end.message()) return end;
  }
  if (!run.failed) return {};
  std::string message;
  const std::string last_return = std::to_string(script->second.last_return);
  if (run.source == "=[C]") {
    run.source = "@user_script";
    run.line = last_return;
  }
  if (run.bare && run.error.find("stack overflow") != std::string::npos) {
    // Not even the error handler had room.
    message = "ERR user_script:" + last_return + ": stack overflow script: " + script->first +
              ", on @user_script:" + last_return + ".";
  } else if (run.bare) {
    message = "ERR Error running script " + script->first + ", " + run.error;
  } else {
    message = run.error;
    if (!run.source.empty() && !run.line.empty()) {
      message += " script: " + script->first + ", on " + run.source + ":" + run.line + ".";
    }
  }
  OneLine(message);
  return Error::FromReply(message);
}

Error LuaHost::Eval(Bytes body, const ScriptInput& input, ScriptCalls& calls, ReplySink& sink) {
  if (state_->running.load(std::memory_order_relaxed)) return Error(&kNested);
  const auto sha1 = Sha1Hex(body);
  auto script = Compile(Bytes(sha1.data(), sha1.size()), body);
  if (!script) return script.error();
  return Run(*script, input, calls, sink);
}

Error LuaHost::EvalSha(Bytes sha1, const ScriptInput& input, ScriptCalls& calls, ReplySink& sink) {
  if (state_->running.load(std::memory_order_relaxed)) return Error(&kNested);
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
  if (state_->running.load(std::memory_order_relaxed)) return;
  scripts_.clear();
  Close();
}

Error LuaHost::Kill() {
  if (!state_->running.load(std::memory_order_acquire)) return Error(&kNotBusy);
  if (state_->wrote.load(std::memory_order_acquire)) return Error(&kUnkillable);
  state_->kill.store(true, std::memory_order_relaxed);
  return {};
}

}  // namespace dualis::lua
