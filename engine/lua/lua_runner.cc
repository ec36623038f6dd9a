#include "engine/lua/lua_runner.h"

#include <algorithm>
#include <utility>

#include "engine/lua/lua_reply.h"
#include "engine/lua/puc_source.h"

namespace dualis::lua {
namespace {

constexpr Error::Rep kNoMemory = {ErrorCode::kOom, "OOM out of memory"};
constexpr Error::Rep kNotReadOnly = {ErrorCode::kErr,
                                     "ERR Can not execute a script with write flag using *_ro command."};

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

template <class T>
void PushArray(lua_State* L, std::span<const T> items) {
  const LuaApi& api = Api();
  api.createtable(L, static_cast<int>(std::min<size_t>(items.size(), 1 << 26)), 0);
  for (size_t i = 0; i < items.size(); ++i) {
    api.pushbytes(L, items[i]);
    api.rawseti(L, -2, static_cast<int>(i + 1));
  }
}

// Sets the global `name` to the array of the texts.
template <class T>
void SetGlobalArray(lua_State* L, const char* name, std::span<const T> items) {
  const LuaApi& api = Api();
  api.rawgeti(L, LUA_REGISTRYINDEX, StateOf(L).globals);
  PushArray(L, items);
  api.setfield(L, -2, name);
  api.pop(L, 1);
}

struct Compiling {
  Bytes code;     // as the user wrote it
  Bytes changed;  // as LuaJIT shall read it
  const char* chunk;
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
  if (LoadText(L, c.changed, c.chunk) != 0 && LoadText(L, c.code, c.chunk) != 0) {
    Copy(c.error, api.tobytes(L, -1));
    return 0;
  }
  c.function = api.aux_ref(L, LUA_REGISTRYINDEX);
  return 0;
}

}  // namespace

int LineOfLastReturn(Bytes code) {
  const size_t at = code.rfind("return");
  return at == Bytes::npos ? 1 : 1 + static_cast<int>(std::count(code.begin(), code.begin() + at, '\n'));
}

// What the protected part of a run needs and leaves.
struct LuaRunner::Running {
  HostState& state;
  const ScriptInput& input;
  const LuaFunction& function;
  ReplySink* sink;  // null: what a library returns when it is loaded is nobody's business

  bool failed = false;
  std::string error;
  std::string source;  // of the error, with line, if both are known
  std::string line;

  static int Protected(lua_State* L) {
    const LuaApi& api = Api();
    auto& run = *static_cast<Running*>(api.touserdata(L, 1));
    api.settop(L, 0);
    PushErrorHandler(L);
    api.rawgeti(L, LUA_REGISTRYINDEX, run.function.reference);
    int arguments = 0;
    if (run.function.takes_arguments) {
      PushArray(L, run.input.keys);
      PushArray(L, run.input.args);
      arguments = 2;
    } else if (run.sink != nullptr) {
      SetGlobalArray(L, "KEYS", run.input.keys);
      SetGlobalArray(L, "ARGV", run.input.args);
    }
    const int status = api.pcall(L, arguments, 1, 1);
    api.remove(L, 1);
    // What follows is ours and not the script's to pay for.
    run.state.limit = SIZE_MAX;
    if (status != 0) {
      run.failed = true;
      run.ReadError(L);
    } else if (!run.state.ended && run.sink != nullptr) {
      run.failed = EmitResult(L, run.state.resp, *run.sink, &run.error);
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

LuaRunner::LuaRunner(const LuaHostOptions& options) : options_(options), state_(std::make_unique<HostState>()) {}

LuaRunner::~LuaRunner() { Close(); }

Error LuaRunner::Open() {
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

void LuaRunner::Close() {
  if (L_ == nullptr) return;
  // Lua frees its own allocator only if it still has it.
  Api().setallocf(L_, state_->base_alloc, state_->base_data);
  Api().close(L_);
  L_ = nullptr;
}

int LuaRunner::Compile(Bytes code, const char* chunk, std::string* error) {
  const std::string changed = PucSource(code);
  Compiling compiling{code, changed, chunk};
  const int status = Api().cpcall(L_, CompileProtected, &compiling);
  if (status != 0) Copy(compiling.error, Api().isstring(L_, -1) ? Api().tobytes(L_, -1) : Bytes("not enough memory"));
  Api().settop(L_, 0);
  if (compiling.function == LUA_NOREF) {
    OneLine(compiling.error);
    *error = std::move(compiling.error);
  }
  return compiling.function;
}

void LuaRunner::Release(int reference) {
  if (L_ != nullptr) Api().aux_unref(L_, LUA_REGISTRYINDEX, reference);
}

Error LuaRunner::Run(const LuaFunction& function, const ScriptFlags& given, const ScriptInput& input,
                     ScriptCalls& calls, ReplySink& sink) {
  ScriptFlags flags = given;
  if (input.read_only) {
    if (flags.declared && !flags.no_writes) return Error(&kNotReadOnly);
    flags.no_writes = true;
  }
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
  state.computes = &options_.computes;
  state.computed = false;
  state.running.store(true, std::memory_order_release);

  state.stack_base = static_cast<const char*>(__builtin_frame_address(0));
  Running run{state, input, function, &sink};
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
  return run.failed ? Explain(function, run) : Error();
}

Error LuaRunner::Explain(const LuaFunction& function, Running& run) {
  const std::string name(function.name);
  const std::string last_return = std::to_string(function.last_return);
  if (run.source == "=[C]") {
    run.source = function.chunk;
    run.line = last_return;
  }
  std::string message;
  if (run.bare && run.error.find("stack overflow") != std::string::npos) {
    // Not even the error handler had room.
    message = "ERR " + std::string(function.chunk.substr(1)) + ":" + last_return + ": stack overflow script: " + name +
              ", on " + std::string(function.chunk) + ":" + last_return + ".";
  } else if (run.bare) {
    message = "ERR Error running script " + name + ", " + run.error;
  } else {
    message = run.error;
    if (!run.source.empty() && !run.line.empty()) {
      message += " script: " + name + ", on " + run.source + ":" + run.line + ".";
    }
  }
  OneLine(message);
  return Error::FromReply(message);
}

bool LuaRunner::RunLoading(int reference, uint64_t steps, std::string* error) {
  HostState& state = *state_;
  state.steps = state.uncounted = 0;
  state.step_limit = steps;
  state.stack_base = static_cast<const char*>(__builtin_frame_address(0));
  const ScriptInput nothing;
  const LuaFunction function{.reference = reference};
  Running run{state, nothing, function, nullptr};
  const LuaApi& api = Api();
  const int status = api.cpcall(L_, Running::Protected, &run);
  if (status != 0) {
    run.failed = true;
    Copy(run.error, api.isstring(L_, -1) ? api.tobytes(L_, -1) : Bytes("not enough memory"));
  }
  api.settop(L_, 0);
  if (std::exchange(state.ended, false)) {
    ArmHook(L_);
    state.end_error = Error();
    run.failed = true;
    run.error = "ERR FUNCTION LOAD timeout";
  }
  OneLine(run.error);
  *error = std::move(run.error);
  return !run.failed;
}

Error LuaRunner::Kill() {
  if (!state_->running.load(std::memory_order_acquire)) return Error(&kScriptNotBusy);
  if (state_->wrote.load(std::memory_order_acquire)) return Error(&kScriptUnkillable);
  state_->kill.store(true, std::memory_order_relaxed);
  return {};
}

}  // namespace dualis::lua
