// The first line of a library of functions: #!lua name=mylib
#ifndef DUALIS_ENGINE_LUA_LIBRARY_TEXT_H_
#define DUALIS_ENGINE_LUA_LIBRARY_TEXT_H_

#include <string>

#include "dualis/result.h"

namespace dualis::lua {

struct LibraryText {
  std::string name;
  Bytes code;  // without the first line, but with its line break, so that line numbers stay true
};

// Borrows from `text`. The errors are Redis'.
Result<LibraryText> ReadLibraryText(Bytes text);

// The rule for names of libraries and functions.
Error CheckName(Bytes name);

}  // namespace dualis::lua

#endif  // DUALIS_ENGINE_LUA_LIBRARY_TEXT_H_
