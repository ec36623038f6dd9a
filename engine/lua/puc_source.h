// Small changes to a script's text that make LuaJIT behave as the PUC Lua of Redis does.
//
// In PUC Lua a call of a C function in tail position (return redis.call(...)) keeps the caller's frame, in LuaJIT it
// does not; the error would have lost its line, and "bad argument" its function's name. So where the callee is one of
// our libraries' functions the call is taken out of tail position:
//
//   return redis.call('GET', k)     ->  return (redis.call('GET', k))         one result
//   return string.find(s, 'x')      ->  return select(1,string.find(s, 'x'))  any number of results
//
// Calls of Lua functions stay as they are: scripts may count on endless tail recursion. And a function with `...`
// whose script mentions `arg` gets the local table of that name that Lua 5.1 gives it.
//
// LuaJIT has more escapes in strings, and refuses those that neither has; in PUC Lua "\x41" is "x41" and "\." is ".".
//
// Lines never move.
#ifndef DUALIS_ENGINE_LUA_PUC_SOURCE_H_
#define DUALIS_ENGINE_LUA_PUC_SOURCE_H_

#include <string>

#include "dualis/bytes.h"

namespace dualis::lua {

// The changed text; the same text if there is nothing to change or if it does not look like Lua.
std::string PucSource(Bytes code);

}  // namespace dualis::lua

#endif  // DUALIS_ENGINE_LUA_PUC_SOURCE_H_
