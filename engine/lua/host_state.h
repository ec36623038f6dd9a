// HostState: what belongs to one Lua state besides the Lua state: budget, memory, the script that runs, and the places
// in the registry that the C functions need. Every C function finds it through the allocator's data pointer, which
// costs no lookup in a table.
//
// Two rules hold for every function in this folder that Lua can call:
//  * Lua leaves a function by a jump when it raises an error, so no object with a destructor may be alive where a Lua
//    function that can raise is called. Buffers that must grow belong to HostState and are reused.
//  * No C++ exception may cross a Lua frame: what can throw is caught on the spot and raised as a Lua error afterwards.
#ifndef DUALIS_ENGINE_LUA_HOST_STATE_H_
#define DUALIS_ENGINE_LUA_HOST_STATE_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "dualis/args.h"
#include "dualis/error.h"
#include "engine/command/script_host.h"
#include "engine/lua/lua_api.h"
#include "engine/lua/lua_sink.h"

namespace dualis::lua {

// Field names that are needed where nothing may be allocated: interned once, kept in the registry.
enum class Name { kErr, kOk, kDouble, kMap, kSet, kBigNumber, kVerbatim, kString, kFormat, kSource, kLine, kCount };

// Redis' drand48 generator, the same on every machine.
class ScriptRandom {
 public:
  void Seed(int32_t seed) { x_ = (uint64_t{static_cast<uint32_t>(seed)} << 16 | 0x330e) & kMask; }
  // 0 ... 2^31 - 1
  int32_t Next() {
    x_ = (x_ * 0x5deece66d + 0xb) & kMask;
    return static_cast<int32_t>(x_ >> 17);
  }

 private:
  static constexpr uint64_t kMask = (uint64_t{1} << 48) - 1;
  uint64_t x_ = 0x330e;
};

// What cjson's configuration functions set; lasts until SCRIPT FLUSH, as in Redis.
struct CjsonOptions {
  int encode_max_depth = 1000;
  int decode_max_depth = 1000;
  bool sparse_convert = false;
  int sparse_ratio = 2;
  int sparse_safe = 10;
  int number_precision = 14;
  bool encode_keep_buffer = true;
  enum class Invalid { kRefuse, kAllow, kNull } encode_invalid = Invalid::kRefuse;
  bool decode_invalid = true;
};

struct Registration;

struct HostState {
  // Steps between two looks at the budget: the count of the hook, and the grain of what C functions charge.
  static constexpr int kHookSteps = 1000;
  // Looks between two polls of the surroundings.
  static constexpr int kPollLooks = 16;

  // Memory. Lua's own allocator does the work; `used` is what Lua holds, `limit` what it may hold while a script runs.
  lua_Alloc base_alloc = nullptr;
  void* base_data = nullptr;
  size_t used = 0;
  size_t limit = SIZE_MAX;
  size_t next_collection = SIZE_MAX;  // a script that holds more makes the hook collect garbage first

  // Where the C stack was when the script began. LuaJIT does not count how deep C functions and Lua functions call each
  // other, and the host program's thread may have a small stack.
  static constexpr ptrdiff_t kStackBytes = 256 * 1024;
  const char* stack_base = nullptr;

  // The script that runs. All but `kill` belong to the thread that runs it.
  ScriptCalls* calls = nullptr;
  int resp = 2;  // redis.setresp
  uint64_t steps = 0;
  uint64_t step_limit = UINT64_MAX;
  uint64_t uncounted = 0;  // charged since the last look
  int looks = 0;
  // LuaHostOptions::computes, and whether this script called it.
  const std::function<Error(bool)>* computes = nullptr;
  bool computed = false;
  bool ended = false;  // by `end_error`, which the script cannot catch
  Error end_error;
  std::atomic<bool> kill{false};
  std::atomic<bool> running{false};
  std::atomic<bool> wrote{false};
  ScriptRandom random;

  // redis.call: the words borrow from Lua's stack while the command runs.
  std::vector<Arg> args;
  LuaSink sink;
  Error call_error;
  // Grown by one C function at a time, none of which calls back into Lua code.
  std::string scratch;
  CjsonOptions cjson;
  // Where redis.register_function writes; null but while a library is loaded.
  Registration* registration = nullptr;

  // Registry references.
  int names[static_cast<int>(Name::kCount)] = {};
  int globals = LUA_NOREF;      // the real table of globals, behind the read-only _G
  int real_of = LUA_NOREF;      // read-only table -> the table it stands for
  int public_meta = LUA_NOREF;  // read-only table -> what getmetatable shows of it
  int string_meta = LUA_NOREF;  // what getmetatable shows of a string
  int tostring = LUA_NOREF;

  // Counts steps and looks whether the script may go on; false once it must end (`ended` is then set).
  bool Spend(uint64_t n) {
    uncounted += n;
    return uncounted < kHookSteps ? !ended : Look();
  }
  bool Look();
};

// The state behind `L`, which may be a coroutine.
inline HostState& StateOf(lua_State* L) {
  void* data;
  Api().getallocf(L, &data);
  return *static_cast<HostState*>(data);
}

// Raises the error that ended the script.
[[noreturn]] void RaiseEnd(lua_State* L);

// Charges `n` steps; raises when the budget is spent.
inline void Charge(lua_State* L, uint64_t n) {
  if (!StateOf(L).Spend(n)) RaiseEnd(L);
}

[[noreturn]] void RaiseTextHere(lua_State* L, const char* text);

// Every C function calls this before it calls back into Lua; raises when the C stack is deep.
inline void CheckDepth(lua_State* L) {
  const auto* here = static_cast<const char*>(__builtin_frame_address(0));
  if (StateOf(L).stack_base - here > HostState::kStackBytes) RaiseTextHere(L, "stack overflow");
}

// Raises {err = text}, as Redis' own functions do.
[[noreturn]] void RaiseRedisError(lua_State* L, const char* text);
// Pushes {err = text}. Line breaks at the end are dropped.
void PushErrorTable(lua_State* L, Bytes text);

// Raises a plain message, with (luaL_error) or without the position of the script.
[[noreturn]] void RaiseText(lua_State* L, const char* text);
[[noreturn]] void RaiseTextHere(lua_State* L, const char* text);

// Compiles text, never byte code, which LuaJIT would recognise by its first byte; nor does it skip a first line that
// begins with "#", as LuaJIT would. As lua_load: 0 and the function, or a status and the error, on top of the stack.
int LoadText(lua_State* L, Bytes text, const char* chunk_name);

inline void PushName(lua_State* L, Name name) {
  Api().rawgeti(L, LUA_REGISTRYINDEX, StateOf(L).names[static_cast<int>(name)]);
}

// If the value at `index` is one of our read-only tables: pushes the table it stands for and returns true.
bool PushReal(lua_State* L, int index);

// Makes the table on top of the stack read-only: replaces it by an empty table that reads through to it.
void Protect(lua_State* L);

// Fills the table on top of the stack.
struct Function {
  const char* name;
  lua_CFunction function;
};
void SetFunctions(lua_State* L, const Function* functions, size_t count);

// A charged version of a library function that walks its first argument: upvalue 1 is the original.
int ChargedByText(lua_State* L);

// Each pushes one table. For building the sandbox only.
void PushRedisLibrary(lua_State* L);
// What of it a library of functions sees while it is loaded.
void PushLoadingRedisLibrary(lua_State* L);
void PushCjsonLibrary(lua_State* L);
void PushStructLibrary(lua_State* L);
void PushCmsgpackLibrary(lua_State* L);
// Replaces what our budget must see in the tables `string` and `table`, which is on top of the stack.
void PatchStringLibrary(lua_State* L);
void PatchTableLibrary(lua_State* L);

// Pushes the function that turns whatever was raised into {err=, source=, line=}.
void PushErrorHandler(lua_State* L);

// Makes the table on top of the stack raise an error when a field that it lacks is read.
void RefuseMissing(lua_State* L);

// Builds the globals of scripts and hides everything else. Called once, protected.
int OpenSandbox(lua_State* L);

}  // namespace dualis::lua

#endif  // DUALIS_ENGINE_LUA_HOST_STATE_H_
