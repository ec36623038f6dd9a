// State: a FnContext's inside. It collects statements into the innermost open block and keeps the first mistake.
#ifndef DUALIS_SCRIPT_BUILD_STATE_H_
#define DUALIS_SCRIPT_BUILD_STATE_H_

#include <unordered_set>

#include "script/ir/program.h"

namespace dualis::script::build {

class State {
 public:
  explicit State(Bytes name);
  ~State();
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  // The State that a formula belongs to. Throws std::logic_error if it belongs to none: a formula of literals, or one
  // whose FnContext is gone, cannot make a statement.
  static State& Of(const Expr& expr);

  // Appends a statement to the innermost open block.
  ir::Stmt& Add(ir::StmtKind kind, Place where);
  // Takes over a formula: it must be of this context, and its commands must not stand elsewhere.
  ir::NodePtr Take(const Expr& expr, Place where);
  // Writes `body` into `block`.
  void Write(ir::Block& block, const Body& body);
  // A node of this context for a key, an argument, a variable.
  ir::NodePtr Leaf(ir::NodeKind kind, size_t index) const;
  uint32_t NewVar(Bytes name);
  const std::shared_ptr<Origin>& origin() const { return origin_; }
  // Remembers a command, so that Build can say that it was forgotten.
  void Made(ir::NodePtr effect) { made_.push_back(std::move(effect)); }
  void Fail(Place where, const std::string& what);

  Result<Program> Build() const;

  ir::ProgramData program;
  // What stands for formulas in command structs; a deque, because views of the texts are handed out.
  std::deque<std::pair<ir::NodePtr, std::string>> symbols;
  // The last `if` of each IfChain.
  std::vector<ir::Stmt*> chains;
  // Which functions have their bodies.
  std::vector<char> defined;

 private:
  void Check(const ir::Node& node, Place where);

  std::shared_ptr<Origin> origin_;
  std::vector<ir::Block*> open_;
  std::unordered_set<const ir::Node*> placed_;
  std::vector<ir::NodePtr> made_;
  Error error_;
};

std::string PlaceText(Place where);

}  // namespace dualis::script::build

#endif  // DUALIS_SCRIPT_BUILD_STATE_H_
