// The families of built-in commands. commands/all.cc lists them; static registration would vanish from static
// libraries.
#ifndef DUALIS_ENGINE_COMMAND_ALL_H_
#define DUALIS_ENGINE_COMMAND_ALL_H_

#include <span>

#include "dualis/command.h"

namespace dualis {

// A family: the rows of its commands, and of their typed forms, which have no place in the table.
struct Family {
  std::span<const CommandRow* const> commands;
  std::span<const CommandRow* const> forms = {};
};

// Every family, defined in engine/commands/all.cc.
std::span<const Family> BuiltInFamilies();

}  // namespace dualis

#endif  // DUALIS_ENGINE_COMMAND_ALL_H_
