// The verifier: what passes here, both executors can run. It walks the statements in order with the set of variables
// that are alive, so a variable used outside its block is found wherever the Program came from.
#include <algorithm>
#include <set>

#include "engine/core/sha1.h"
#include "script/ir/program.h"

namespace dualis::script::ir {
namespace {

class Verifier {
 public:
  explicit Verifier(ProgramData& program)
      : p_(program), alive_(program.vars.size(), kUnknown), owners_(program.vars.size(), kNobody) {}

  Error Run() {
    Names("key", p_.keys);
    Names("argument", p_.args);
    Owners(p_.body, kScript);
    for (uint32_t i = 0; i < p_.functions.size(); ++i) {
      for (uint32_t var : p_.functions[i].params) Own(var, i);
      Owners(p_.functions[i].body, i);
    }
    for (uint32_t i = 0; i < p_.functions.size(); ++i) Body(p_.functions[i], i);
    owner_ = kScript;
    Statements(p_.body, 0, false);
    if (!error_) Calls();
    if (!error_) InferKinds();
    for (const Function& f : p_.functions) CheckKinds(f.body);
    CheckKinds(p_.body);
    if (!error_) p_.commands.assign(commands_.begin(), commands_.end());
    return error_;
  }

 private:
  enum State : uint8_t { kUnknown, kAlive, kGone };
  // Whose a variable is: a function's, by its number, or the script's.
  static constexpr uint32_t kScript = UINT32_MAX, kNobody = UINT32_MAX - 1;

  void Fail(const std::string& what) {
    if (error_) return;
    std::string text = "ERR script " + p_.name;
    if (at_ && !at_->place.empty()) text += ", " + at_->place;
    error_ = Error(ErrorCode::kErr, text + ": " + what);
  }

  void Names(const char* what, const std::vector<std::string>& names) {
    std::set<Bytes> seen;
    for (const std::string& name : names) {
      if (name.empty()) Fail(std::string(what) + " without a name");
      if (!seen.insert(name).second) Fail(std::string(what) + " '" + name + "' is declared twice");
    }
  }

  std::string VarName(uint32_t i) const {
    return p_.vars[i].name.empty() ? "number " + std::to_string(i) : "'" + p_.vars[i].name + "'";
  }

  void Own(uint32_t var, uint32_t owner) {
    if (var < owners_.size() && owners_[var] == kNobody) owners_[var] = owner;
  }
  void Owners(const Block& block, uint32_t owner) {
    for (const auto& s : block) {
      if (s->kind == StmtKind::kDeclare || s->kind == StmtKind::kForList || s->kind == StmtKind::kForRange) {
        Own(s->var, owner);
      }
      if (s->kind == StmtKind::kForList) Own(s->var2, owner);
      Owners(s->body, owner);
      Owners(s->otherwise, owner);
    }
  }

  void Body(Function& f, uint32_t number) {
    Stmt here{StmtKind::kExpr};
    here.place = f.place;
    at_ = &here;
    owner_ = number;
    if (f.params.size() > kMaxFunctionParams) {
      Fail("function '" + f.name + "' has more than " + std::to_string(kMaxFunctionParams) + " parameters");
    }
    std::vector<uint32_t> scope;
    for (uint32_t var : f.params) Declare(var, scope);
    Statements(f.body, 0, false);
    Leave(scope);
    at_ = nullptr;
    f.vars = f.params;
    for (uint32_t var = 0; var < owners_.size(); ++var) {
      if (owners_[var] == number && std::find(f.params.begin(), f.params.end(), var) == f.params.end()) {
        f.vars.push_back(var);
      }
    }
  }

  // Levels of formulas and blocks inside of a block, and the functions that it calls.
  uint32_t Levels(const Block& block, std::set<uint32_t>* called) const {
    uint32_t levels = 0;
    auto formula = [&](const NodePtr& node) {
      if (!node) return;
      levels = std::max(levels, node->height);
      auto visit = [&](const Node& n) {
        if (n.kind == NodeKind::kFunction) called->insert(n.index);
      };
      ForEachNode(*node, visit);
    };
    for (const auto& s : block) {
      formula(s->a);
      formula(s->b);
      levels = std::max({levels, Levels(s->body, called), Levels(s->otherwise, called)});
    }
    return levels + 1;
  }

  // Who calls whom: recursion is counted when it happens, all other nesting now.
  void Calls() {
    const size_t n = p_.functions.size();
    std::vector<std::set<uint32_t>> called(n);
    for (size_t i = 0; i < n; ++i) {
      p_.functions[i].weight = std::max(kMinWeight, Levels(p_.functions[i].body, &called[i]) + 2);
    }
    // The heaviest way down from each function; more than n steps without an end are a circle.
    std::vector<uint64_t> total(n, 0);
    p_.recursive = false;
    bool changed = n > 0;
    for (size_t round = 0; changed; ++round) {
      if (round > n) {
        p_.recursive = true;
        return;
      }
      changed = false;
      for (size_t i = 0; i < n; ++i) {
        uint64_t below = 0;
        for (uint32_t callee : called[i]) below = std::max(below, total[callee]);
        changed |= std::exchange(total[i], below + p_.functions[i].weight) != total[i];
      }
    }
    for (size_t i = 0; i < n; ++i) {
      if (total[i] > kMaxLevels) return Fail("function '" + p_.functions[i].name + "' calls others too deeply");
    }
  }

  void Declare(uint32_t var, std::vector<uint32_t>& scope) {
    if (var >= alive_.size()) return Fail("there is no variable number " + std::to_string(var));
    if (alive_[var] != kUnknown) return Fail("variable " + VarName(var) + " is declared twice");
    alive_[var] = kAlive;
    scope.push_back(var);
  }

  void Statements(const Block& block, int depth, bool in_loop, int chain = 0) {
    if (depth > kMaxBlocks) return Fail("blocks are nested deeper than " + std::to_string(kMaxBlocks));
    if (chain > kMaxElseIfs) return Fail("more than " + std::to_string(kMaxElseIfs) + " else-ifs");
    std::vector<uint32_t> scope;
    for (const auto& s : block) {
      if (error_) return;
      at_ = s.get();
      if (s->a) Formula(*s->a, true);
      if (s->b) Formula(*s->b, true);
      switch (s->kind) {
        case StmtKind::kDeclare:
          Declare(s->var, scope);
          break;
        case StmtKind::kAssign:
          Use(s->var);
          break;
        case StmtKind::kBreak:
        case StmtKind::kContinue:
          if (!in_loop) Fail(s->kind == StmtKind::kBreak ? "break outside of a loop" : "continue outside of a loop");
          break;
        case StmtKind::kForList:
        case StmtKind::kForRange: {
          std::vector<uint32_t> loop;
          Declare(s->var, loop);
          if (s->kind == StmtKind::kForList) Declare(s->var2, loop);
          Statements(s->body, depth + 1, true);
          Leave(loop);
          break;
        }
        case StmtKind::kIf:
        case StmtKind::kWhile:
          Statements(s->body, depth + 1, in_loop || s->kind == StmtKind::kWhile);
          // An else-if does not nest in what we generate.
          if (IsElseIf(s->otherwise)) {
            Statements(s->otherwise, depth, in_loop, chain + 1);
          } else {
            Statements(s->otherwise, depth + 1, in_loop);
          }
          break;
        case StmtKind::kExpr:
        case StmtKind::kReturn:
          break;
      }
    }
    Leave(scope);
  }

  static bool IsElseIf(const Block& block) { return block.size() == 1 && block[0]->kind == StmtKind::kIf; }

  void Leave(const std::vector<uint32_t>& scope) {
    for (uint32_t var : scope) alive_[var] = kGone;
  }

  void Use(uint32_t var) {
    if (var >= alive_.size()) return Fail("there is no variable number " + std::to_string(var));
    if (owners_[var] != owner_ && owners_[var] != kNobody) {
      return Fail("variable " + VarName(var) +
                  " is used in another function: one sees its parameters, keys and arguments");
    }
    if (alive_[var] == kUnknown) Fail("variable " + VarName(var) + " is used before its declaration");
    if (alive_[var] == kGone) Fail("variable " + VarName(var) + " is used outside its block");
  }

  void Formula(const Node& node, bool whole) {
    if (error_) return;
    if (whole && (node.height > kMaxHeight || node.size > kMaxSize)) return Fail("the formula is too large");
    auto counted = [&](size_t n) {
      if (node.args.size() != n) Fail("a formula with the wrong number of parts");
    };
    switch (node.kind) {
      case NodeKind::kLiteral:
        if (node.literal.is_number() && node.literal.number() != node.literal.number())
          Fail("a literal is not a number");
        break;
      case NodeKind::kVar:
        Use(node.index);
        break;
      case NodeKind::kKey:
        if (node.index >= p_.keys.size()) Fail("there is no key number " + std::to_string(node.index));
        break;
      case NodeKind::kArg:
        if (node.index >= p_.args.size()) Fail("there is no argument number " + std::to_string(node.index));
        break;
      case NodeKind::kOp: {
        const OpInfo& info = InfoOf(node.op);
        if (node.op == Op::kNow) commands_.insert("TIME");
        if (node.args.size() < info.min_args || node.args.size() > info.max_args) {
          Fail(std::string(info.name) + " cannot have " + std::to_string(node.args.size()) + " arguments");
        }
        break;
      }
      case NodeKind::kAnd:
      case NodeKind::kOr:
        counted(2);
        break;
      case NodeKind::kIfElse:
        counted(3);
        break;
      case NodeKind::kCall:
        Command(node);
        break;
      case NodeKind::kExternal: {
        const OpInfo& info = node.external->info;
        if (node.args.size() < info.min_args || node.args.size() > info.max_args) {
          Fail(std::string(info.name) + " cannot have " + std::to_string(node.args.size()) + " arguments");
        }
        break;
      }
      case NodeKind::kFunction:
        if (node.index >= p_.functions.size()) {
          return Fail("there is no function number " + std::to_string(node.index));
        }
        if (node.args.size() != p_.functions[node.index].params.size()) {
          Fail("function '" + p_.functions[node.index].name + "' has " +
               std::to_string(p_.functions[node.index].params.size()) + " parameters, not " +
               std::to_string(node.args.size()));
        }
        break;
      case NodeKind::kSpread:
        counted(1);
        if (whole) Fail("Spread stands only among the words of a command");
        break;
    }
    for (const NodePtr& arg : node.args) {
      if (arg->kind == NodeKind::kSpread && node.kind != NodeKind::kCall) {
        Fail("Spread stands only among the words of a command");
      }
      Formula(*arg, false);
    }
  }

  void Command(const Node& node) {
    const bool fits = !node.command.empty() && std::all_of(node.command.begin(), node.command.end(), [](char c) {
      return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-';
    });
    if (!fits) Fail("'" + node.command + "' is not the name of a command");
    if (node.args.size() > kMaxWords) Fail(node.command + " has too many words");
    commands_.insert(node.command);
  }

  // What each variable may hold: the union over all its assignments, to the fixed point.
  void InferKinds() {
    for (Function& f : p_.functions) f.kinds = Returns(f.body) ? 0 : KindsOf("z");
    InferAll();
    // A function that nobody calls, or that never returns, is not to be blamed for kinds that nobody knows.
    bool unknown = false;
    for (Function& f : p_.functions) {
      for (uint32_t var : f.params) {
        if (p_.vars[var].kinds == 0) p_.vars[var].kinds = kAnyKind, unknown = true;
      }
      if (f.kinds == 0) f.kinds = kAnyKind, unknown = true;
    }
    if (unknown) InferAll();
  }
  void InferAll() {
    for (bool changed = true; changed;) {
      changed = InferBlock(p_.body, nullptr);
      for (Function& f : p_.functions) changed |= InferBlock(f.body, &f);
    }
  }
  bool InferBlock(const Block& block, Function* function) {
    bool changed = false;
    auto widen = [&](Kinds* of, Kinds kinds) {
      const Kinds before = std::exchange(*of, *of | kinds);
      changed |= before != *of;
    };
    auto add = [&](uint32_t var, Kinds kinds) { widen(&p_.vars[var].kinds, kinds); };
    auto calls = [&](const Node& node) {
      if (node.kind != NodeKind::kFunction) return;
      const Function& called = p_.functions[node.index];
      for (size_t i = 0; i < node.args.size(); ++i) add(called.params[i], KindsOfNode(p_, *node.args[i]));
    };
    for (const auto& s : block) {
      if (!p_.functions.empty()) {
        if (s->a) ForEachNode(*s->a, calls);
        if (s->b) ForEachNode(*s->b, calls);
      }
      switch (s->kind) {
        case StmtKind::kDeclare:
        case StmtKind::kAssign:
          add(s->var, KindsOfNode(p_, *s->a));
          break;
        case StmtKind::kForList:
          add(s->var, KindsOf("n"));
          add(s->var2, kAnyKind);
          break;
        case StmtKind::kForRange:
          add(s->var, KindsOf("n"));
          break;
        case StmtKind::kReturn:
          if (function) widen(&function->kinds, KindsOfNode(p_, *s->a));
          break;
        default:
          break;
      }
      changed |= InferBlock(s->body, function);
      changed |= InferBlock(s->otherwise, function);
    }
    return changed;
  }

  // What can only fail is refused now.
  void CheckKinds(const Block& block) {
    for (const auto& s : block) {
      if (error_) return;
      at_ = s.get();
      if (s->a) CheckFormula(*s->a);
      if (s->b) CheckFormula(*s->b);
      if (s->kind == StmtKind::kForList) Require("for", KindsOfNode(p_, *s->a), KindsOf("l"));
      if (s->kind == StmtKind::kForRange) {
        Require("for", KindsOfNode(p_, *s->a), KindsOf("n"));
        Require("for", KindsOfNode(p_, *s->b), KindsOf("n"));
      }
      CheckKinds(s->body);
      CheckKinds(s->otherwise);
    }
  }

  void CheckFormula(const Node& node) {
    if (error_) return;
    for (const NodePtr& arg : node.args) CheckFormula(*arg);
    if (node.kind == NodeKind::kOp || node.kind == NodeKind::kExternal) {
      const OpInfo& info = node.kind == NodeKind::kOp ? InfoOf(node.op) : node.external->info;
      for (size_t i = 0; i < node.args.size(); ++i) {
        const Kinds kinds = KindsOfNode(p_, *node.args[i]);
        if (!(kinds & info.param(i))) Fail(KindError(info, i, KindsText(kinds)).substr(4));
      }
    } else if (node.kind == NodeKind::kCall) {
      for (const NodePtr& arg : node.args) {
        if (arg->kind == NodeKind::kSpread) {
          Require("Spread", KindsOfNode(p_, *arg->args[0]), KindsOf("ld"));
        } else {
          Require(node.command, KindsOfNode(p_, *arg), KindsOf("ns"));
        }
      }
    }
  }

  void Require(Bytes where, Kinds kinds, Kinds wanted) {
    if (kinds & wanted) return;
    std::string text(where);
    Fail(text + " needs " + KindsText(wanted) + ", not " + KindsText(kinds));
  }

  ProgramData& p_;
  std::vector<State> alive_;
  std::vector<uint32_t> owners_;
  uint32_t owner_ = kScript;
  std::set<std::string> commands_;
  const Stmt* at_ = nullptr;
  Error error_;
};

}  // namespace

Error Finish(ProgramData& program) {
  for (Var& var : program.vars) var.kinds = 0;
  if (Error error = Verifier(program).Run()) return error;
  FindTouchedKeys(program);
  const auto hash = Sha1Hex(ProgramJson(program, JsonScope::kMeaning));
  program.hash.assign(hash.begin(), hash.end());
  return {};
}

}  // namespace dualis::script::ir
