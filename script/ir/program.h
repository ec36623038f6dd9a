// The intermediate form of a script: trees of Nodes (formulas) in lists of Stmts (statements). The builder and the JSON
// reader make it, Finish verifies it, and from then on it does not change.
#ifndef DUALIS_SCRIPT_IR_PROGRAM_H_
#define DUALIS_SCRIPT_IR_PROGRAM_H_

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "dualis/script.h"
#include "dualis/script_function.h"
#include "script/semantics/adapt.h"
#include "script/semantics/op.h"

namespace dualis::script {

namespace build {
// Which FnContext a Node belongs to; shared by its nodes, cleared when it goes.
struct Origin {
  State* state = nullptr;
};
}  // namespace build

namespace ir {

enum class NodeKind : uint8_t {
  kLiteral,   // `literal`: a list or dict is made anew each time
  kVar,       // `index`: of ProgramData::vars
  kKey,       // `index`: of ProgramData::keys
  kArg,       // `index`: of ProgramData::args
  kOp,        // `op` over `args`
  kAnd,       // the first of two if it is false, else the second
  kOr,        // the first of two if it is true, else the second
  kIfElse,    // condition, then, otherwise
  kCall,      // `command` with the words `args`; the reply adapted by `adapt`
  kSpread,    // only as a word: the items of a list or dict as words
  kFunction,  // function `index` of ProgramData::functions over `args`
  kExternal,  // the user's function `external` over `args`
};

// A function that a user brought.
struct Extern {
  ExternalFunction function;
  OpInfo info;  // name and kinds
};
// Calls its C++ body, with the checks around it.
Result<Value> RunExternal(const Extern& external, std::span<Value> arguments);

struct Node {
  NodeKind kind;
  Op op{};
  Adapt adapt{};
  uint32_t index = 0;
  uint32_t height = 1;  // of the tree
  uint64_t size = 1;    // nodes of the tree, those shared counted as often as they occur
  bool effect = false;  // to be placed once
  Value literal;        // not shared with anyone who could change it
  std::string command;  // upper case
  std::shared_ptr<const Extern> external;
  std::vector<NodePtr> args;
  std::shared_ptr<build::Origin> origin;  // null for formulas of literals
  Place where;                            // of a call
};

enum class StmtKind : uint8_t {
  kDeclare,   // var = a
  kAssign,    // var = a
  kExpr,      // a
  kIf,        // if a: body, else: otherwise
  kWhile,     // while a: body
  kForList,   // for var (index), var2 (value) in a: body
  kForRange,  // for var from a to below b: body
  kBreak,
  kContinue,
  kReturn,  // a
};

struct Stmt;
using Block = std::vector<std::unique_ptr<Stmt>>;

struct Stmt {
  StmtKind kind;
  uint32_t var = 0;
  uint32_t var2 = 0;
  NodePtr a;
  NodePtr b;
  Block body;
  Block otherwise;
  std::string place;  // "file.cc:12", or empty
};

struct Var {
  std::string name;  // for readers; may be empty, need not be unique
  Kinds kinds = 0;   // what is ever assigned to it; set by Finish
};

// A function of the script. Its variables are its own: it sees neither those of the script nor those of its caller.
struct Function {
  std::string name;              // for readers, as a variable's
  std::vector<uint32_t> params;  // variables
  Block body;
  std::string place;
  // Set by Finish.
  std::vector<uint32_t> vars;  // all of its variables, parameters first
  Kinds kinds = 0;             // what it may give
  uint32_t weight = 0;         // how many levels of kMaxLevels a call of it takes
};

struct ProgramData {
  std::string name;
  std::vector<std::string> keys;
  std::vector<std::string> args;
  std::vector<Var> vars;
  std::deque<Function> functions;  // a deque: blocks under construction stay where they are
  Block body;
  // Set by Finish.
  std::string hash;
  std::vector<std::string> commands;
  bool keys_are_declared = true;
  bool keys_are_derived = false;
  bool read_only = false;
  std::vector<TouchedKey> touched;
  bool recursive = false;  // a function calls itself, directly or through others
};

// Limits that keep every program within what Lua's parser and our recursion can take.
inline constexpr uint32_t kMaxHeight = 500;
inline constexpr uint64_t kMaxSize = 200'000;
inline constexpr int kMaxBlocks = 32;
inline constexpr int kMaxElseIfs = 1000;
inline constexpr size_t kMaxFunctionParams = 32;
// How deep functions may call each other, in levels: a call takes as many as its function's formulas and blocks are
// nested, and at least kMinWeight, so that neither a stack of ours nor one of Lua's runs over.
inline constexpr uint32_t kMaxLevels = 3000;
inline constexpr uint32_t kMinWeight = 12;
inline constexpr Bytes kTooManyLevels = "ERR call: functions call each other too deeply";
// Words of one command, after spreading.
inline constexpr size_t kMaxWords = 7000;

// A node over others; computes height, size and origin. Of a tree that is too high only the measures are kept, so that
// nothing recurses too deeply; the verifier refuses it.
NodePtr MakeNode(Node node);
NodePtr MakeLiteral(Value value);
// Chooses the adaptation of a kCall from its command and words.
void SetAdapt(Node& call);

// The kinds that a formula may give, from what is known of the variables.
Kinds KindsOfNode(const ProgramData& program, const Node& node);

Block CloneBlock(const Block& block);
// True if each way through the block ends in a return.
bool Returns(const Block& block);
// Calls visit(node) for each node of a formula, parts first. A part that stands twice is visited twice.
template <class F>
void ForEachNode(const Node& node, F& visit) {
  for (const NodePtr& arg : node.args) ForEachNode(*arg, visit);
  visit(node);
}

// Verifies scopes, numbers and kinds of arguments, commands and structure, and fills in what is derived. An error names
// the statement.
Error Finish(ProgramData& program);
// Fills in what Program says of keys and writes.
void FindTouchedKeys(ProgramData& program);

std::string ProgramText(const ProgramData& program);
std::string FormulaText(const ProgramData& program, const Node& node);
// The same as lines, each with the place of its statement in front.
using PlacedLine = std::pair<std::string, std::string>;
std::vector<PlacedLine> ProgramLines(const ProgramData& program);
// The first line of a statement: of a loop or a branch without its body.
std::string StatementText(const ProgramData& program, const Stmt& statement);
// Everything, or (for the hash) only what decides the meaning.
enum class JsonScope { kAll, kMeaning };
std::string ProgramJson(const ProgramData& program, JsonScope scope);
// The reverse, verified.
Result<std::shared_ptr<const ProgramData>> LoadJson(Bytes json,
                                                    std::span<const std::shared_ptr<const Extern>> functions = {});

}  // namespace ir
}  // namespace dualis::script

#endif  // DUALIS_SCRIPT_IR_PROGRAM_H_
