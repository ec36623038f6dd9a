// From the intermediate form to the tree that runs.
#ifndef DUALIS_SCRIPT_NATIVE_COMPILER_H_
#define DUALIS_SCRIPT_NATIVE_COMPILER_H_

#include "script/ir/program.h"
#include "script/native/run.h"

namespace dualis::script::native {

FormulaPtr CompileFormula(const ir::Node& node);
// A formula whose value is not used.
FormulaPtr CompileEffect(const ir::Node& node);
Steps CompileBlock(const ir::Block& block);

// The command of a kCall node. `discard`: its reply is not looked at.
FormulaPtr CompileCall(const ir::Node& node, bool discard);

}  // namespace dualis::script::native

#endif  // DUALIS_SCRIPT_NATIVE_COMPILER_H_
