// The parts of prelude/*.lua, which CMake puts into the library as one string.
#ifndef DUALIS_SCRIPT_LUA_PRELUDE_H_
#define DUALIS_SCRIPT_LUA_PRELUDE_H_

#include <set>
#include <string>
#include <vector>

#include "dualis/bytes.h"
#include "script/semantics/op.h"

namespace dualis::script::lua {

// The text of prelude/*.lua.
extern const Bytes kPreludeText;

struct Part {
  std::string name;
  std::string text;  // comments left out, checks of kinds put in
};

// Lua that fails unless the parameters `names` of a function have the kinds of `info`: lines, ended each.
std::string KindChecks(const OpInfo& info, const std::vector<std::string>& names);
// A condition of Lua: x has one of the kinds.
std::string KindTest(Kinds kinds, const std::string& x);

class Prelude {
 public:
  Prelude();
  // The parts that the text names, and those that they name, in the order in which they must stand.
  std::vector<const Part*> Used(Bytes text) const;
  bool Has(Bytes name) const;

 private:
  void Mark(Bytes text, std::set<const Part*>& used) const;
  std::vector<Part> parts_;
};

// Calls `visit(name)` for each identifier of a piece of Lua outside of strings.
template <class F>
void ForEachName(Bytes lua, F visit) {
  auto starts = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  for (size_t i = 0; i < lua.size();) {
    const char c = lua[i];
    if (c == '"' || c == '\'') {
      for (++i; i < lua.size() && lua[i] != c; ++i) i += lua[i] == '\\';
      ++i;
    } else if (starts(c)) {
      const size_t from = i;
      while (i < lua.size() && (starts(lua[i]) || (lua[i] >= '0' && lua[i] <= '9'))) ++i;
      // A field of a table is not a name.
      if (from == 0 || lua[from - 1] != '.' || (from > 1 && lua[from - 2] == '.')) visit(lua.substr(from, i - from));
    } else {
      ++i;
    }
  }
}

}  // namespace dualis::script::lua

#endif  // DUALIS_SCRIPT_LUA_PRELUDE_H_
