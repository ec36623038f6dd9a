// The table `redis` of a script.
#include <cmath>
#include <cstring>
#include <exception>
#include <span>

#include "dualis/redis_version.h"
#include "engine/core/number_text.h"
#include "engine/core/sha1.h"
#include "engine/lua/host_state.h"

namespace dualis::lua {
namespace {

constexpr Error::Rep kNoMemory = {ErrorCode::kOom, "OOM out of memory"};

// The number at `index` as a command's word: Redis prints %.17g, which of an integer below 1e17 are its digits. Other
// texts take the number's place on the stack, to be borrowed from there.
Arg NumberArg(lua_State* L, int index) {
  const LuaApi& api = Api();
  const double value = api.tonumber(L, index);
  if (std::abs(value) < 1e17 && value == std::trunc(value) && !(value == 0 && std::signbit(value))) {
    return Arg(static_cast<int64_t>(value));
  }
  char buffer[kDoubleChars];
  const Bytes text = FormatDouble17(value, buffer);
  api.pushlstring(L, text.data(), text.size());
  api.replace(L, index);
  return Arg(api.tobytes(L, index));
}

// Gathers the words from the stack into state.args. A text of what is wrong, or null. The words borrow from the stack.
const char* GatherArgs(lua_State* L, HostState& state) {
  const LuaApi& api = Api();
  const int count = api.gettop(L);
  if (count == 0) return "ERR Please specify at least one argument for this redis lib call";
  try {
    state.args.resize(static_cast<size_t>(count));
  } catch (const std::exception&) {
    return kNoMemory.text.data();
  }
  for (int i = 1; i <= count; ++i) {
    switch (api.type(L, i)) {
      case LUA_TSTRING:
        state.args[i - 1] = Arg(api.tobytes(L, i));
        break;
      case LUA_TNUMBER:
        state.args[i - 1] = NumberArg(L, i);
        break;
      default:
        return "ERR Lua redis lib command arguments must be strings or integers";
    }
  }
  return nullptr;
}

// Runs the gathered command. Whatever is thrown inside becomes an error: nothing may unwind through Lua.
void RunCommand(HostState& state) noexcept {
  state.sink.Clear();
  try {
    state.call_error = state.calls->Call(state.args, state.sink);
  } catch (const std::exception&) {
    state.call_error = Error(&kNoMemory);
  }
  if (state.sink.failed()) state.call_error = Error(&kNoMemory);
  if (state.calls->wrote()) state.wrote.store(true, std::memory_order_release);
}

enum class OnError { kRaise, kReturn };

int CallCommand(lua_State* L, OnError on_error) {
  const LuaApi& api = Api();
  HostState& state = StateOf(L);
  if (const char* wrong = GatherArgs(L, state)) {
    PushErrorTable(L, wrong);
  } else {
    if (!state.Spend(10)) RaiseEnd(L);
    RunCommand(state);
    // The reply may need the room that many words take.
    api.settop(L, 0);
    if (!state.call_error) {
      state.sink.Push(L, state.resp);
      return 1;
    }
    PushErrorTable(L, state.call_error.message());
    api.pushboolean(L, 1);
    api.setfield(L, -2, "ignore_error_stats_update");
  }
  if (on_error == OnError::kRaise) return api.error(L);
  return 1;
}

int Call(lua_State* L) { return CallCommand(L, OnError::kRaise); }
int PCall(lua_State* L) { return CallCommand(L, OnError::kReturn); }

int AclCheckCommand(lua_State* L) {
  HostState& state = StateOf(L);
  if (const char* wrong = GatherArgs(L, state)) RaiseRedisError(L, wrong);
  int answer = -1;
  [&]() noexcept {
    try {
      const Result<bool> may = state.calls->MayRun(state.args);
      if (may) answer = *may ? 1 : 0;
    } catch (const std::exception&) {
    }
  }();
  if (answer < 0) RaiseRedisError(L, "ERR Invalid command passed to redis.acl_check_cmd()");
  Api().pushboolean(L, answer);
  return 1;
}

// Pushes {err = text} for an error reply: "-CODE text" or "CODE text" as they are, a single word as "ERR word".
void PushErrorReply(lua_State* L, Bytes text) {
  const LuaApi& api = Api();
  if (text.starts_with('-')) text.remove_prefix(1);
  if (text.find(' ') != Bytes::npos) {
    PushErrorTable(L, text);
    return;
  }
  luaL_Buffer buffer;
  api.aux_buffinit(L, &buffer);
  api.aux_addlstring(&buffer, "ERR ", 4);
  api.aux_addlstring(&buffer, text.data(), text.size());
  api.aux_pushresult(&buffer);
  PushErrorTable(L, api.tobytes(L, -1));
}

int ErrorReply(lua_State* L) {
  const LuaApi& api = Api();
  if (api.gettop(L) != 1 || api.type(L, 1) != LUA_TSTRING) {
    PushErrorTable(L, "ERR wrong number or type of arguments");
  } else {
    PushErrorReply(L, api.tobytes(L, 1));
  }
  return 1;
}

int StatusReply(lua_State* L) {
  const LuaApi& api = Api();
  if (api.gettop(L) != 1 || api.type(L, 1) != LUA_TSTRING) {
    PushErrorTable(L, "ERR wrong number or type of arguments");
    return 1;
  }
  api.createtable(L, 0, 1);
  PushName(L, Name::kOk);
  api.pushvalue(L, 1);
  api.rawset(L, -3);
  return 1;
}

int Sha1OfArgument(lua_State* L) {
  const LuaApi& api = Api();
  if (api.gettop(L) != 1) RaiseRedisError(L, "ERR wrong number of arguments");
  const Bytes text = api.isstring(L, 1) ? api.tobytes(L, 1) : Bytes();
  Charge(L, text.size() / 4);
  const auto hex = Sha1Hex(text);
  api.pushlstring(L, hex.data(), hex.size());
  return 1;
}

int Log(lua_State* L) {
  const LuaApi& api = Api();
  const int count = api.gettop(L);
  if (count < 2) RaiseRedisError(L, "ERR redis.log() requires two arguments or more.");
  if (!api.isnumber(L, 1)) RaiseRedisError(L, "ERR First argument must be a number (log level).");
  const double level = api.tonumber(L, 1);
  if (!(level > -1 && level < 4)) RaiseRedisError(L, "ERR Invalid debug level.");
  HostState& state = StateOf(L);
  state.scratch.clear();
  for (int i = 2; i <= count; ++i) {
    if (!api.isstring(L, i)) continue;
    const Bytes part = api.tobytes(L, i);
    Charge(L, part.size() / 16);
    try {
      if (i > 2) state.scratch.push_back(' ');
      state.scratch.append(part);
    } catch (const std::exception&) {
      break;  // a log line is not worth an error
    }
  }
  if (state.calls == nullptr) return 0;  // a library is being loaded
  state.calls->Log(static_cast<ScriptLogLevel>(static_cast<int>(level)), state.scratch);
  return 0;
}

int SetResp(lua_State* L) {
  const LuaApi& api = Api();
  if (api.gettop(L) != 1) RaiseRedisError(L, "ERR redis.setresp() requires one argument.");
  const double version = api.tonumber(L, 1);
  if (!(version >= 2 && version < 4)) RaiseRedisError(L, "ERR RESP version must be 2 or 3.");
  StateOf(L).resp = static_cast<int>(version);
  return 0;
}

int SetRepl(lua_State* L) {
  const LuaApi& api = Api();
  if (api.gettop(L) != 1) RaiseRedisError(L, "ERR redis.set_repl() requires two arguments.");
  const double flags = api.tonumber(L, 1);
  if (!(flags > -1 && flags < 4)) {
    RaiseRedisError(L, "ERR Invalid replication flags. Use REPL_AOF, REPL_REPLICA, REPL_ALL or REPL_NONE.");
  }
  return 0;
}

int ReplicateCommands(lua_State* L) {
  Api().pushboolean(L, 1);
  return 1;
}

// There is no debugger; a script that was left with its breakpoints in still runs.
int Breakpoint(lua_State* L) {
  Api().pushboolean(L, 0);
  return 1;
}
int Debug(lua_State*) { return 0; }

constexpr Function kFunctions[] = {
    {"call", Call},
    {"pcall", PCall},
    {"acl_check_cmd", AclCheckCommand},
    {"error_reply", ErrorReply},
    {"status_reply", StatusReply},
    {"sha1hex", Sha1OfArgument},
    {"log", Log},
    {"setresp", SetResp},
    {"set_repl", SetRepl},
    {"replicate_commands", ReplicateCommands},
    {"breakpoint", Breakpoint},
    {"debug", Debug},
};

struct Constant {
  const char* name;
  int value;
};
constexpr Constant kConstants[] = {
    {"LOG_DEBUG", 0},
    {"LOG_VERBOSE", 1},
    {"LOG_NOTICE", 2},
    {"LOG_WARNING", 3},
    {"REDIS_VERSION_NUM", kRedisVersionNumber},
};
constexpr Constant kReplication[] = {
    {"REPL_NONE", 0}, {"REPL_AOF", 1}, {"REPL_SLAVE", 2}, {"REPL_REPLICA", 2}, {"REPL_ALL", 3},
};

void SetConstants(lua_State* L, std::span<const Constant> constants) {
  for (const Constant& constant : constants) {
    Api().pushnumber(L, constant.value);
    Api().setfield(L, -2, constant.name);
  }
}

// What scripts and libraries that are being loaded share, into the table on top of the stack.
void SetShared(lua_State* L) {
  SetConstants(L, kConstants);
  Api().pushbytes(L, kRedisVersion);
  Api().setfield(L, -2, "REDIS_VERSION");
}

}  // namespace

void PushRedisLibrary(lua_State* L) {
  const LuaApi& api = Api();
  api.createtable(L, 0, 32);
  SetFunctions(L, kFunctions, std::size(kFunctions));
  SetConstants(L, kReplication);
  SetShared(L);
}

void PushLoadingRedisLibrary(lua_State* L) {
  Api().createtable(L, 0, 16);
  Api().pushfunction(L, Log);
  Api().setfield(L, -2, "log");
  SetShared(L);
}

}  // namespace dualis::lua
