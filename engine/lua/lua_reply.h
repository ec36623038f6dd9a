// The way back: the value that a script returns becomes reply events, by Redis' rules.
#ifndef DUALIS_ENGINE_LUA_LUA_REPLY_H_
#define DUALIS_ENGINE_LUA_LUA_REPLY_H_

#include <string>

#include "dualis/reply.h"
#include "engine/lua/lua_api.h"

namespace dualis::lua {

// Emits the value at stack index 1, which must be alone on the stack. A table with an `err` field is not emitted: it is
// returned as error text in `*error`, and true. Allocates nothing in Lua and raises nothing.
//
//   string  -> bulk          true  -> 1 (RESP3 scripts: boolean)      {ok=}   -> status
//   number  -> integer, cut  false -> null (RESP3: boolean)           {1, 2, nil} -> array up to the first nil
//   {double=} {map=} {set=} {big_number=} {verbatim_string={string=, format=}} -> the RESP3 types
//   anything else -> null
bool EmitResult(lua_State* L, int resp, ReplySink& sink, std::string* error);

// Redis sends no line breaks inside an error or a status.
void OneLine(std::string& text);

}  // namespace dualis::lua

#endif  // DUALIS_ENGINE_LUA_LUA_REPLY_H_
