// From the intermediate form to the tree that runs.
#ifndef DUALIS_SCRIPT_NATIVE_COMPILER_H_
#define DUALIS_SCRIPT_NATIVE_COMPILER_H_

#include "dualis/command.h"
#include "script/ir/program.h"
#include "script/native/run.h"

namespace dualis::script::native {

// `commands`: where commands are looked up, once, now; null: each time they are called.
FormulaPtr CompileFormula(const ir::Node& node, const CommandTable* commands);
// A formula whose value is not used.
FormulaPtr CompileEffect(const ir::Node& node, const CommandTable* commands);
Steps CompileBlock(const ir::Block& block, const CommandTable* commands);

// The command of a kCall node. `discard`: its reply is not looked at.
FormulaPtr CompileCall(const ir::Node& node, bool discard, const CommandTable* commands);

}  // namespace dualis::script::native

#endif  // DUALIS_SCRIPT_NATIVE_COMPILER_H_
