// Programs as pseudo-code, for people. Parentheses stand around every operator within another one.
#include <map>

#include "script/ir/program.h"
#include "script/semantics/json.h"

namespace dualis::script::ir {
namespace {

// Empty if the operation is written as a function.
Bytes Infix(const Node& node) {
  if (node.kind != NodeKind::kOp) return {};
  switch (node.op) {
    case Op::kAdd:
      return "+";
    case Op::kSub:
      return "-";
    case Op::kMul:
      return "*";
    case Op::kDiv:
      return "/";
    case Op::kFloorDiv:
      return "//";
    case Op::kMod:
      return "%";
    case Op::kEq:
      return "==";
    case Op::kNe:
      return "!=";
    case Op::kLt:
      return "<";
    case Op::kLe:
      return "<=";
    case Op::kGt:
      return ">";
    case Op::kGe:
      return ">=";
    default:
      return {};
  }
}

class Printer {
 public:
  explicit Printer(const ProgramData& program) : p_(program) {
    for (const std::string& name : program.keys) ++uses_[name];
    for (const std::string& name : program.args) ++uses_[name];
    for (const Var& var : program.vars) ++uses_[var.name];
    for (const Function& f : program.functions) ++uses_[f.name];
  }

  std::string Text() {
    Line("script " + p_.name);
    if (!p_.keys.empty()) Line("keys " + Names(p_.keys));
    if (!p_.args.empty()) Line("args " + Names(p_.args));
    for (uint32_t i = 0; i < p_.functions.size(); ++i) {
      const Function& f = p_.functions[i];
      std::string params;
      for (uint32_t var : f.params) params += (params.empty() ? "" : ", ") + VarText(var);
      Line("function " + FunctionText(i) + "(" + params + "):");
      Body(f.body);
    }
    Statements(p_.body);
    return std::move(out_);
  }

  std::string Top(const Node& node) const {
    std::string text = Formula(node);
    const bool wrapped = IsInfix(node);
    return wrapped ? text.substr(1, text.size() - 2) : text;
  }

  // The first line of a statement.
  std::string First(const Stmt& s) {
    Statement(s, "if ");
    return out_.substr(0, out_.find('\n'));
  }

  // Of the lines that Text() gave.
  std::vector<std::string> TakePlaces() { return std::move(places_); }

 private:
  static std::string Names(const std::vector<std::string>& names) {
    std::string text;
    for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
    return text;
  }

  void Line(const std::string& text) {
    out_.append(2 * indent_, ' ').append(text).append("\n");
    places_.push_back(place_);
  }

  std::string VarText(uint32_t i) const {
    const std::string& name = p_.vars[i].name;
    if (name.empty()) return "v" + std::to_string(i);
    return uses_.at(name) == 1 ? name : name + "_" + std::to_string(i);
  }

  std::string FunctionText(uint32_t i) const {
    const std::string& name = p_.functions[i].name;
    if (name.empty()) return "f" + std::to_string(i);
    return uses_.at(name) == 1 ? name : name + "_f" + std::to_string(i);
  }

  void Body(const Block& block) {
    ++indent_;
    if (block.empty()) Line("pass");
    Statements(block);
    --indent_;
  }

  void Statements(const Block& block) {
    for (const auto& s : block) Statement(*s, "if ");
  }

  void Statement(const Stmt& s, const char* if_word) {
    place_ = s.place;
    switch (s.kind) {
      case StmtKind::kDeclare:
        return Line("let " + VarText(s.var) + " = " + Top(*s.a));
      case StmtKind::kAssign:
        return Line(VarText(s.var) + " = " + Top(*s.a));
      case StmtKind::kExpr:
        return Line(Top(*s.a));
      case StmtKind::kIf:
        Line(if_word + Top(*s.a) + ":");
        Body(s.body);
        if (s.otherwise.size() == 1 && s.otherwise[0]->kind == StmtKind::kIf)
          return Statement(*s.otherwise[0], "elif ");
        if (s.otherwise.empty()) return;
        place_ = s.place;
        Line("else:");
        return Body(s.otherwise);
      case StmtKind::kWhile:
        Line("while " + Top(*s.a) + ":");
        return Body(s.body);
      case StmtKind::kForList:
        Line("for " + VarText(s.var) + ", " + VarText(s.var2) + " in " + Top(*s.a) + ":");
        return Body(s.body);
      case StmtKind::kForRange:
        Line("for " + VarText(s.var) + " in range(" + Top(*s.a) + ", " + Top(*s.b) + "):");
        return Body(s.body);
      case StmtKind::kBreak:
        return Line("break");
      case StmtKind::kContinue:
        return Line("continue");
      case StmtKind::kReturn:
        return Line("return " + Top(*s.a));
    }
  }

  static bool IsInfix(const Node& node) {
    return node.kind == NodeKind::kAnd || node.kind == NodeKind::kOr || node.kind == NodeKind::kIfElse ||
           !Infix(node).empty();
  }

  std::string Formula(const Node& node) const {
    auto arg = [&](size_t i) { return Formula(*node.args[i]); };
    switch (node.kind) {
      case NodeKind::kLiteral: {
        if (node.literal.is_none()) return "None";
        return node.literal.ToText();
      }
      case NodeKind::kVar:
        return VarText(node.index);
      case NodeKind::kKey:
        return p_.keys[node.index];
      case NodeKind::kArg:
        return p_.args[node.index];
      case NodeKind::kAnd:
        return "(" + arg(0) + " and " + arg(1) + ")";
      case NodeKind::kOr:
        return "(" + arg(0) + " or " + arg(1) + ")";
      case NodeKind::kIfElse:
        return "(" + arg(1) + " if " + arg(0) + " else " + arg(2) + ")";
      case NodeKind::kSpread:
        return "*" + arg(0);
      case NodeKind::kCall:
        return node.command + "(" + List(node) + ")";
      case NodeKind::kFunction:
        return FunctionText(node.index) + "(" + List(node) + ")";
      case NodeKind::kExternal:
        return node.external->function.name + "(" + List(node) + ")";
      case NodeKind::kOp:
        break;
    }
    if (const Bytes infix = Infix(node); !infix.empty()) {
      return "(" + arg(0) + " " + std::string(infix) + " " + arg(1) + ")";
    }
    switch (node.op) {
      case Op::kNot:
        return "not " + arg(0);
      case Op::kNeg:
        return "-" + arg(0);
      case Op::kAt:
        return arg(0) + "[" + Top(*node.args[1]) + "]";
      case Op::kList:
        return "[" + List(node) + "]";
      case Op::kSetAt:
      case Op::kSetKey:
        return arg(0) + "[" + Top(*node.args[1]) + "] = " + Top(*node.args[2]);
      case Op::kDict: {
        std::string text;
        for (size_t i = 0; i + 1 < node.args.size(); i += 2) text += (i ? ", " : "") + arg(i) + ": " + arg(i + 1);
        return "{" + text + "}";
      }
      default:
        return std::string(InfoOf(node.op).name) + "(" + List(node) + ")";
    }
  }

  std::string List(const Node& node) const {
    std::string text;
    for (const NodePtr& arg : node.args) text += (text.empty() ? "" : ", ") + Top(*arg);
    return text;
  }

  const ProgramData& p_;
  std::map<std::string, int> uses_;
  std::string out_;
  std::string place_;                // of the statement that is being printed
  std::vector<std::string> places_;  // of the lines
  int indent_ = 0;
};

}  // namespace

std::string ProgramText(const ProgramData& program) { return Printer(program).Text(); }
std::string FormulaText(const ProgramData& program, const Node& node) { return Printer(program).Top(node); }

std::vector<PlacedLine> ProgramLines(const ProgramData& program) {
  Printer printer(program);
  const std::string text = printer.Text();
  std::vector<PlacedLine> lines;
  size_t at = 0;
  for (std::string& place : printer.TakePlaces()) {
    const size_t end = text.find('\n', at);
    lines.emplace_back(std::move(place), text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

std::string StatementText(const ProgramData& program, const Stmt& statement) {
  return Printer(program).First(statement);
}

}  // namespace dualis::script::ir
