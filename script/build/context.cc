#include <algorithm>
#include <stdexcept>

#include "script/build/state.h"

namespace dualis::script {
namespace build {

std::string PlaceText(Place where) {
  if (where.line == 0) return "";
  const Bytes file(where.file);
  return std::string(file.substr(file.find_last_of('/') + 1)) + ":" + std::to_string(where.line);
}

namespace {

std::string CalledName(const ir::ProgramData& program, const ir::Node& node) {
  switch (node.kind) {
    case ir::NodeKind::kCall:
      return node.command;
    case ir::NodeKind::kFunction:
      return "call of " + program.functions[node.index].name;
    default:
      return std::string(InfoOf(node.op).name);
  }
}

}  // namespace

State::State(Bytes name) : origin_(std::make_shared<Origin>()) {
  program.name = name;
  origin_->state = this;
  open_.push_back(&program.body);
}

State::~State() { origin_->state = nullptr; }

State& State::Of(const Expr& expr) {
  const auto& origin = expr.node()->origin;
  if (!origin || !origin->state) {
    throw std::logic_error("a statement on a formula that belongs to no FnContext, or to one that is gone");
  }
  return *origin->state;
}

void State::Fail(Place where, const std::string& what) {
  if (error_) return;
  std::string text = "ERR script " + program.name;
  if (where.line) text += ", " + PlaceText(where);
  error_ = Error(ErrorCode::kErr, text + ": " + what);
}

ir::Stmt& State::Add(ir::StmtKind kind, Place where) {
  auto& block = *open_.back();
  block.push_back(std::make_unique<ir::Stmt>(ir::Stmt{kind}));
  block.back()->place = PlaceText(where);
  return *block.back();
}

ir::NodePtr State::Take(const Expr& expr, Place where) {
  const ir::NodePtr& node = expr.node();
  if (node->height > ir::kMaxHeight || node->size > ir::kMaxSize) {
    Fail(where, "the formula is too large");
    return ir::MakeLiteral(Value());
  }
  Check(*node, where);
  return node;
}

void State::Check(const ir::Node& node, Place where) {
  if (node.origin && node.origin != origin_) {
    // An operation carries the origin of its first part; look for the part that is foreign.
    if (node.args.empty() || node.kind == ir::NodeKind::kFunction)
      Fail(where, "the formula belongs to another FnContext");
  }
  if (node.effect && !placed_.insert(&node).second) {
    Fail(where,
         "the same " + CalledName(program, node) + " is placed twice, and would run twice; keep its result in a local");
  }
  for (const ir::NodePtr& arg : node.args) Check(*arg, where);
}

void State::Write(ir::Block& block, const Body& body) {
  open_.push_back(&block);
  struct Close {
    std::vector<ir::Block*>& open;
    ~Close() { open.pop_back(); }
  } close{open_};
  body();
}

ir::NodePtr State::Leaf(ir::NodeKind kind, size_t index) const {
  ir::Node node{kind};
  node.index = static_cast<uint32_t>(index);
  node.origin = origin_;
  return ir::MakeNode(std::move(node));
}

uint32_t State::NewVar(Bytes name) {
  program.vars.push_back({std::string(name)});
  return static_cast<uint32_t>(program.vars.size() - 1);
}

Result<Program> State::Build() const {
  if (error_) return error_;
  for (const ir::NodePtr& node : made_) {
    if (placed_.contains(node.get())) continue;
    State* self = origin_->state;
    self->Fail(node->where, "the " + CalledName(program, *node) +
                                " that was made here was never placed: pass it to add(), or use its result");
    return std::exchange(self->error_, Error());
  }
  for (size_t i = 0; i < defined.size(); ++i) {
    if (defined[i]) continue;
    const ir::Function& function = program.functions[i];
    return Error(ErrorCode::kErr, "ERR script " + program.name + ", " + function.place + ": function '" +
                                      function.name + "' has no body");
  }
  auto data = std::make_shared<ir::ProgramData>();
  data->name = program.name;
  data->keys = program.keys;
  data->args = program.args;
  data->vars = program.vars;
  for (const ir::Function& f : program.functions) {
    data->functions.push_back({f.name, f.params, ir::CloneBlock(f.body), f.place});
  }
  data->body = ir::CloneBlock(program.body);
  if (Error error = ir::Finish(*data)) return error;
  return Program(std::move(data));
}

}  // namespace build

using build::State;
using ir::StmtKind;

FnContext::FnContext(Bytes name) : state_(std::make_unique<State>(name)) {}
FnContext::~FnContext() = default;

Expr FnContext::add_key(Bytes name, Place where) {
  auto& keys = state_->program.keys;
  if (std::find(keys.begin(), keys.end(), name) != keys.end()) {
    state_->Fail(where, "key '" + std::string(name) + "' is declared twice");
  }
  keys.emplace_back(name);
  return Expr(state_->Leaf(ir::NodeKind::kKey, keys.size() - 1));
}

Expr FnContext::add_arg(Bytes name, Place where) {
  auto& args = state_->program.args;
  if (std::find(args.begin(), args.end(), name) != args.end()) {
    state_->Fail(where, "argument '" + std::string(name) + "' is declared twice");
  }
  args.emplace_back(name);
  return Expr(state_->Leaf(ir::NodeKind::kArg, args.size() - 1));
}

Local FnContext::add_local(const Expr& init, Bytes name, Place where) {
  auto node = state_->Take(init, where);
  auto& s = state_->Add(StmtKind::kDeclare, where);
  s.a = std::move(node);
  s.var = state_->NewVar(name);
  return Local(state_->Leaf(ir::NodeKind::kVar, s.var));
}

Function FnContext::function(Bytes name, const std::vector<std::string>& parameters, Place where) {
  auto& functions = state_->program.functions;
  for (const ir::Function& other : functions) {
    if (other.name == name) state_->Fail(where, "function '" + std::string(name) + "' is declared twice");
  }
  ir::Function& made = functions.emplace_back();
  made.name = name;
  made.place = build::PlaceText(where);
  for (const std::string& parameter : parameters) made.params.push_back(state_->NewVar(parameter));
  state_->defined.push_back(false);
  return Function(this, state_->origin(), static_cast<uint32_t>(functions.size() - 1));
}

Expr Function::call(const std::vector<Expr>& arguments, Place where) const {
  ir::Node node{ir::NodeKind::kFunction};
  node.index = index_;
  node.origin = origin_;
  node.where = where;
  for (const Expr& argument : arguments) node.args.push_back(argument.node());
  Expr made(ir::MakeNode(std::move(node)));
  if (origin_->state) origin_->state->Made(made.node());
  return made;
}

void Function::Define(size_t parameters, const std::function<void(const std::vector<Local>&)>& body,
                      Place where) const {
  if (!origin_->state) throw std::logic_error("a function whose FnContext is gone");
  State& state = *origin_->state;
  ir::Function& function = state.program.functions[index_];
  if (std::exchange(state.defined[index_], true)) {
    return state.Fail(where, "function '" + function.name + "' has two bodies");
  }
  if (parameters != SIZE_MAX && parameters != function.params.size()) {
    return state.Fail(where, "function '" + function.name + "' has " + std::to_string(function.params.size()) +
                                 " parameters, its body takes " + std::to_string(parameters));
  }
  std::vector<Local> locals;
  for (uint32_t var : function.params) locals.push_back(Local(state.Leaf(ir::NodeKind::kVar, var)));
  state.Write(function.body, [&] { body(locals); });
}

void Function::Return(const Expr& value, Place where) const { ctx_->return_(value, where); }

void FnContext::add(const Expr& effect, Place where) {
  auto node = state_->Take(effect, where);
  state_->Add(StmtKind::kExpr, where).a = std::move(node);
}

IfChain FnContext::if_(const Expr& condition, const Body& then, Place where) {
  auto node = state_->Take(condition, where);
  auto& s = state_->Add(StmtKind::kIf, where);
  s.a = std::move(node);
  state_->Write(s.body, then);
  state_->chains.push_back(&s);
  return IfChain(this, state_->chains.size() - 1);
}

IfChain& IfChain::else_if(const Expr& condition, const Body& body, Place where) {
  State& state = *ctx_->state_;
  ir::Stmt* before = state.chains[statement_];
  if (!before) {
    state.Fail(where, "else_if after else_");
    return *this;
  }
  auto node = state.Take(condition, where);
  ir::Stmt* s = nullptr;
  state.Write(before->otherwise, [&] { s = &state.Add(StmtKind::kIf, where); });
  s->a = std::move(node);
  state.Write(s->body, body);
  state.chains[statement_] = s;
  return *this;
}

void IfChain::else_(const Body& body) {
  State& state = *ctx_->state_;
  ir::Stmt* before = std::exchange(state.chains[statement_], nullptr);
  if (!before) return state.Fail({}, "a second else_");
  state.Write(before->otherwise, body);
}

void FnContext::while_(const Expr& condition, const Body& body, Place where) {
  auto node = state_->Take(condition, where);
  auto& s = state_->Add(StmtKind::kWhile, where);
  s.a = std::move(node);
  state_->Write(s.body, body);
}

void FnContext::ForList(const Expr& list, const std::function<void(Local, Local)>& body, Place where) {
  auto node = state_->Take(list, where);
  auto& s = state_->Add(StmtKind::kForList, where);
  s.a = std::move(node);
  s.var = state_->NewVar("i");
  s.var2 = state_->NewVar("item");
  const Local index(state_->Leaf(ir::NodeKind::kVar, s.var)), value(state_->Leaf(ir::NodeKind::kVar, s.var2));
  state_->Write(s.body, [&] { body(index, value); });
}

void FnContext::for_range(const Expr& from, const Expr& to, const std::function<void(Local)>& body, Place where) {
  auto a = state_->Take(from, where), b = state_->Take(to, where);
  auto& s = state_->Add(StmtKind::kForRange, where);
  s.a = std::move(a);
  s.b = std::move(b);
  s.var = state_->NewVar("i");
  const Local index(state_->Leaf(ir::NodeKind::kVar, s.var));
  state_->Write(s.body, [&] { body(index); });
}

void FnContext::break_(Place where) { state_->Add(StmtKind::kBreak, where); }
void FnContext::continue_(Place where) { state_->Add(StmtKind::kContinue, where); }

void FnContext::return_(const Expr& value, Place where) {
  auto node = state_->Take(value, where);
  state_->Add(StmtKind::kReturn, where).a = std::move(node);
}

void FnContext::error(const Expr& text, Place where) { add(Apply("fail", {text}), where); }
void FnContext::log(const Expr& level, const Expr& text, Place where) { add(Apply("log", {level, text}), where); }

bool FnContext::is_empty() const { return state_->program.body.empty(); }
Result<Program> FnContext::Build() const { return state_->Build(); }

}  // namespace dualis::script
