// Formulas as Lua expressions.
//
// `and`, `or` and if_else of scripts have Python's truth and give their operands, so in general they need statements in
// front of the expression (Code::before). Whoever puts expressions side by side keeps their order: what is evaluated
// before a part with such statements is first stored in a temporary variable.
#ifndef DUALIS_SCRIPT_LUA_FORMULA_H_
#define DUALIS_SCRIPT_LUA_FORMULA_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "script/ir/program.h"

namespace dualis::script::lua {

// An expression, the statements (whole lines, indented among themselves) that must run before it, and whether it may be
// evaluated later than those without giving something else.
struct Code {
  std::vector<std::string> before;
  std::string text;
  bool stable = false;
};

// Names of the variables in scope. Lua allows 200 locals in a function; beyond a budget variables are items of V.
class Names {
 public:
  explicit Names(const ir::ProgramData& program);
  // For the body of a function: the keys and arguments are outside of it.
  Names(const Names& script, const ir::Function& function);
  const std::string& key(uint32_t i) const { return keys_[i]; }
  const std::string& arg(uint32_t i) const { return args_[i]; }
  const std::string& var(uint32_t i) const { return vars_[i]; }
  const std::string& function(uint32_t i) const { return functions_[i]; }
  // Chooses the name of a variable whose declaration is reached; true if it is a local of Lua.
  bool Declare(uint32_t var);
  // A new temporary variable; `declaration` is what stands before " = ".
  std::string Temporary(std::string* declaration);
  // What was declared since `mark` goes out of scope.
  int mark() const { return live_; }
  void Leave(int mark) { live_ = mark; }
  bool uses_table() const { return uses_table_; }
  // The name of a user's function, chosen when it is first asked for, here or in a function of the script.
  const std::string& external(const ir::Extern* external);
  const std::map<const ir::Extern*, std::string>& externals() const { return *externals_; }

 private:
  bool Take();

  const ir::ProgramData& program_;
  std::vector<std::string> keys_, args_, functions_, vars_;
  std::shared_ptr<std::map<const ir::Extern*, std::string>> externals_;
  int live_ = 0;
  int temporaries_ = 0;
  bool uses_table_ = false;
};

class FormulaCompiler {
 public:
  FormulaCompiler(const ir::ProgramData& program, Names& names) : program_(program), names_(names) {}

  // The value of a formula.
  Code Formula(const ir::Node& node);
  // An expression that is true or false in Lua as the formula is in scripts.
  Code Condition(const ir::Node& node);
  // A statement that evaluates a formula for its effect.
  Code Effect(const ir::Node& node);

 private:
  Code Op(const ir::Node& node);
  Code Function(const ir::Node& node);
  Code Cut(const ir::Node& node, Code code);
  Code Call(const ir::Node& node, bool discard);
  Code CallOfTable(const ir::Node& node);
  Code Word(const ir::Node& node, const std::string& command);
  Code Choose(const ir::Node& node, Code (FormulaCompiler::*part)(const ir::Node&));
  std::vector<Code> Parts(const ir::Node& node);
  // Joins the statements in front of parts, so that the parts are evaluated in their order.
  void InOrder(std::vector<Code>& parts, std::vector<std::string>* before);
  Code Stored(Code code);
  Kinds KindsOf(const ir::Node& node) const { return ir::KindsOfNode(program_, node); }

  const ir::ProgramData& program_;
  Names& names_;
};

// A literal, every byte of it kept.
std::string LuaString(Bytes bytes);
std::string LuaLiteral(const Value& value);

}  // namespace dualis::script::lua

#endif  // DUALIS_SCRIPT_LUA_FORMULA_H_
