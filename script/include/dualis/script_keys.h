// What a program says of its keys where more commands are known than the built-in ones.
#ifndef DUALIS_SCRIPT_KEYS_H_
#define DUALIS_SCRIPT_KEYS_H_

#include "dualis/script_program.h"

namespace dualis::script {

// Program::keys_are_declared() by the table of an engine, which knows the words of its plug-ins.
bool KeysAreDeclared(const Program& program, const CommandTable& commands);

}  // namespace dualis::script

#endif  // DUALIS_SCRIPT_KEYS_H_
