#include "script/lua/formula.h"

#include <algorithm>
#include <cmath>

namespace dualis::script::lua {
namespace {

using ir::Node;
using ir::NodeKind;

// Locals of variables, keys, arguments and temporaries together; the rest of Lua's 200 is for the prelude.
constexpr int kLocals = 60;
// Words of a command, or operands, that are written side by side; Lua has 250 registers.
constexpr size_t kSideBySide = 40;
// A formula this high is cut with a temporary variable: Lua's parser recurses no deeper than 200.
constexpr uint32_t kHeight = 30;

std::string Clean(Bytes name) {
  std::string clean;
  for (char c : name) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (!clean.empty() && c >= '0' && c <= '9');
    clean += letter ? c : '_';
  }
  return clean.empty() ? "v" : clean.substr(0, 40);
}

std::vector<std::string> Distinct(const char* prefix, const std::vector<std::string>& names) {
  static constexpr Bytes kKeywords[] = {"and",    "break", "do",   "else",  "elseif", "end",     "false", "for",
                                        "goto",   "if",    "in",   "local", "nil",    "not",     "or",    "repeat",
                                        "return", "then",  "true", "until", "while",  "function"};
  std::vector<std::string> distinct;
  for (const std::string& name : names) {
    std::string text = prefix + Clean(name);
    if (std::find(std::begin(kKeywords), std::end(kKeywords), Clean(name)) != std::end(kKeywords)) text += "_";
    while (std::find(distinct.begin(), distinct.end(), text) != distinct.end()) {
      text += "_" + std::to_string(distinct.size());
    }
    distinct.push_back(std::move(text));
  }
  return distinct;
}

bool IsName(Bytes text) {
  return !text.empty() && ((text[0] >= 'a' && text[0] <= 'z') || (text[0] >= 'A' && text[0] <= 'Z') || text[0] == '_');
}

// `lua` column of an operation: the template for these kinds, or nothing.
Bytes TemplateFor(const OpInfo& info, const std::vector<Kinds>& kinds) {
  for (Bytes rest = info.lua; !rest.empty();) {
    const size_t end = std::min(rest.find(" | "), rest.size());
    const Bytes choice = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 3, rest.size()));
    Bytes groups = choice.substr(0, choice.find(": "));
    bool fits = true;
    size_t i = 0;
    while (!groups.empty() && i < kinds.size()) {
      const size_t blank = std::min(groups.find(' '), groups.size());
      fits &= (kinds[i++] & ~KindsOf(groups.substr(0, blank))) == 0;
      groups.remove_prefix(std::min(blank + 1, groups.size()));
    }
    if (fits && i == kinds.size() && groups.empty()) return choice.substr(choice.find(": ") + 2);
  }
  return {};
}

std::string Join(const std::vector<Code>& parts) {
  std::string text;
  for (const Code& part : parts) text += (text.empty() ? "" : ", ") + part.text;
  return text;
}

}  // namespace

std::string LuaString(Bytes bytes) {
  std::string text = "\"";
  for (char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      text += '\\';
      text += c;
    } else if (c == '\n') {
      text += "\\n";
    } else if (byte >= 0x20 && byte < 0x7f) {
      text += c;
    } else {
      text += '\\';
      text += static_cast<char>('0' + byte / 100);
      text += static_cast<char>('0' + byte / 10 % 10);
      text += static_cast<char>('0' + byte % 10);
    }
  }
  return text + "\"";
}

std::string LuaLiteral(const Value& value) {
  switch (value.kind()) {
    case Value::Kind::kNone:
      return "None";
    case Value::Kind::kBool:
      return value.boolean() ? "true" : "false";
    case Value::Kind::kNumber: {
      if (std::isinf(value.number())) return value.number() < 0 ? "(-math.huge)" : "math.huge";
      char buffer[kNumberText];
      const Bytes text = NumberText(value.number(), buffer);
      return text[0] == '-' ? "(" + std::string(text) + ")" : std::string(text);
    }
    case Value::Kind::kBytes:
      return LuaString(value.bytes());
    case Value::Kind::kList: {
      std::string text = "{";
      for (const Value& item : value.items()) text += LuaLiteral(item) + ", ";
      return text + "n = " + std::to_string(value.items().size()) + "}";
    }
    case Value::Kind::kDict:
      break;
  }
  std::string text = "{c = " + std::to_string(value.entries().size()) + ", d = {";
  bool first = true;
  for (const auto& [key, item] : value.entries()) {
    text += (std::exchange(first, false) ? "[" : ", [") + LuaString(key) + "] = " + LuaLiteral(item);
  }
  return text + "}}";
}

Names::Names(const ir::ProgramData& program)
    : program_(program), keys_(Distinct("key_", program.keys)), args_(Distinct("arg_", program.args)) {
  std::vector<std::string> functions;
  for (const ir::Function& f : program.functions) functions.push_back(f.name);
  functions_ = Distinct("fn.", functions);
  externals_ = std::make_shared<std::map<const ir::Extern*, std::string>>();
  vars_.resize(program.vars.size());
  // Many keys or arguments stay where Redis puts them.
  if (keys_.size() > kLocals / 3) {
    for (size_t i = 0; i < keys_.size(); ++i) keys_[i] = "KEYS[" + std::to_string(i + 1) + "]";
  } else {
    live_ += static_cast<int>(keys_.size());
  }
  if (args_.size() > kLocals / 3) {
    for (size_t i = 0; i < args_.size(); ++i) args_[i] = "A[" + std::to_string(i + 1) + "]";
  } else {
    live_ += static_cast<int>(args_.size());
  }
}

// The variables of a function are locals of its own; where they are too many it has a V of its own, too.
Names::Names(const Names& script, const ir::Function& function)
    : program_(script.program_),
      keys_(script.keys_),
      args_(script.args_),
      functions_(script.functions_),
      externals_(script.externals_) {
  vars_.resize(program_.vars.size());
  for (uint32_t var : function.params) Declare(var);
}

const std::string& Names::external(const ir::Extern* external) {
  const auto [place, is_new] = externals_->try_emplace(external);
  if (is_new) place->second = "ext." + Clean(external->function.name) + "_" + std::to_string(externals_->size());
  return place->second;
}

bool Names::Take() {
  if (live_ >= kLocals) {
    uses_table_ = true;
    return false;
  }
  ++live_;
  return true;
}

bool Names::Declare(uint32_t var) {
  const bool local = Take();
  std::string name = Clean(program_.vars[var].name);
  // A variable `key_a` with the number 1 is not the key `a_1`.
  if (name.starts_with("key_") || name.starts_with("arg_")) name = "v_" + name;
  vars_[var] = local ? name + "_" + std::to_string(var) : "V[" + std::to_string(var) + "]";
  return local;
}

std::string Names::Temporary(std::string* declaration) {
  const std::string name = "t" + std::to_string(++temporaries_);
  if (Take()) {
    *declaration = "local " + name;
    return name;
  }
  *declaration = "V." + name;
  return *declaration;
}

Code FormulaCompiler::Stored(Code code) {
  std::string declaration;
  const std::string name = names_.Temporary(&declaration);
  code.before.push_back(declaration + " = " + code.text);
  return {std::move(code.before), name, true};
}

void FormulaCompiler::InOrder(std::vector<Code>& parts, std::vector<std::string>* before) {
  size_t last = 0;
  for (size_t i = 0; i < parts.size(); ++i) {
    if (!parts[i].before.empty()) last = i;
  }
  for (size_t i = 0; i < parts.size(); ++i) {
    if (i < last && !parts[i].stable) parts[i] = Stored(std::move(parts[i]));
    before->insert(before->end(), parts[i].before.begin(), parts[i].before.end());
    parts[i].before.clear();
  }
}

std::vector<Code> FormulaCompiler::Parts(const Node& node) {
  std::vector<Code> parts;
  for (const auto& arg : node.args) parts.push_back(Formula(*arg));
  return parts;
}

Code FormulaCompiler::Formula(const Node& node) {
  switch (node.kind) {
    case NodeKind::kLiteral:
      return {{}, LuaLiteral(node.literal), true};
    case NodeKind::kVar:
      return {{}, names_.var(node.index), true};
    case NodeKind::kKey:
      return {{}, names_.key(node.index), true};
    case NodeKind::kArg:
      return {{}, names_.arg(node.index), true};
    case NodeKind::kCall:
      return Cut(node, Call(node, /*discard=*/false));
    case NodeKind::kFunction:
    case NodeKind::kExternal:
      return Cut(node, Function(node));
    case NodeKind::kSpread:
      return Formula(*node.args[0]);
    case NodeKind::kAnd:
    case NodeKind::kOr: {
      // With bools on both sides Lua's own operators do.
      if (KindsOf(node) == script::KindsOf("b")) return Condition(node);
      return Choose(node, &FormulaCompiler::Formula);
    }
    case NodeKind::kIfElse:
      return Choose(node, &FormulaCompiler::Formula);
    case NodeKind::kOp:
      break;
  }
  return Cut(node, Op(node));
}

// Cut every few levels, so that no expression nests too deeply for the parser.
Code FormulaCompiler::Cut(const Node& node, Code code) {
  return node.height % kHeight == 0 ? Stored(std::move(code)) : code;
}

Code FormulaCompiler::Function(const Node& node) {
  Code code;
  std::vector<Code> parts = Parts(node);
  InOrder(parts, &code.before);
  const bool external = node.kind == NodeKind::kExternal;
  code.text = (external ? names_.external(node.external.get()) : names_.function(node.index)) + "(" + Join(parts) + ")";
  return code;
}

Code FormulaCompiler::Choose(const Node& node, Code (FormulaCompiler::*part)(const Node&)) {
  std::string declaration;
  const std::string result = names_.Temporary(&declaration);
  const bool local = declaration != result;
  std::vector<std::string> before;
  auto add = [&](const Code& code) {
    before.insert(before.end(), code.before.begin(), code.before.end());
    return code.text;
  };
  auto inside = [&](const Code& code) {
    for (const std::string& line : code.before) before.push_back("  " + line);
    before.push_back("  " + result + " = " + code.text);
  };
  if (node.kind == NodeKind::kIfElse) {
    const std::string condition = add(Condition(*node.args[0]));
    if (local) before.push_back(declaration);
    before.push_back("if " + condition + " then");
    inside((this->*part)(*node.args[1]));
    before.push_back("else");
    inside((this->*part)(*node.args[2]));
  } else {
    const std::string first = add((this->*part)(*node.args[0]));
    before.push_back(declaration + " = " + first);
    const bool plain = part == &FormulaCompiler::Condition || KindsOf(*node.args[0]) == script::KindsOf("b");
    const std::string test = plain ? result : "truth(" + result + ")";
    before.push_back(std::string("if ") + (node.kind == NodeKind::kOr ? "not " : "") + test + " then");
    inside((this->*part)(*node.args[1]));
  }
  before.push_back("end");
  return {std::move(before), result, true};
}

Code FormulaCompiler::Condition(const Node& node) {
  const Kinds kinds = KindsOf(node);
  if (node.kind == NodeKind::kAnd || node.kind == NodeKind::kOr) {
    Code a = Condition(*node.args[0]), b = Condition(*node.args[1]);
    if (!b.before.empty() || node.height % kHeight == 0) return Choose(node, &FormulaCompiler::Condition);
    a.text = "(" + a.text + (node.kind == NodeKind::kAnd ? " and " : " or ") + b.text + ")";
    a.stable = a.stable && b.stable;
    return a;
  }
  if (node.kind == NodeKind::kOp && (node.op == Op::kNot || node.op == Op::kTruth)) {
    Code a = Condition(*node.args[0]);
    if (node.op == Op::kNot) a.text = "not " + a.text;
    return a;
  }
  if (node.kind == NodeKind::kLiteral) return {{}, Truth(node.literal) ? "true" : "false", true};
  Code code = Formula(node);
  if (kinds == script::KindsOf("b")) return code;
  if (kinds == script::KindsOf("n")) {
    code.text = "(" + code.text + " ~= 0)";
  } else if (kinds == script::KindsOf("s")) {
    code.text = "(" + code.text + " ~= \"\")";
  } else {
    code.text = "truth(" + code.text + ")";
  }
  // What a list holds may change before a later part is evaluated.
  code.stable = code.stable && !(kinds & script::KindsOf("ld"));
  return code;
}

Code FormulaCompiler::Op(const Node& node) {
  const OpInfo& info = InfoOf(node.op);
  if (node.op == Op::kNot || node.op == Op::kTruth) return Condition(node);
  Code code;
  std::vector<Code> parts = Parts(node);
  std::vector<Kinds> kinds;
  for (const auto& arg : node.args) kinds.push_back(KindsOf(*arg));
  InOrder(parts, &code.before);
  if (node.op == Op::kConcat && !parts.empty() && parts.size() <= kSideBySide) {
    auto known = [](Kinds k) { return k == script::KindsOf("n") || k == script::KindsOf("s"); };
    if (std::all_of(kinds.begin(), kinds.end(), known)) {
      for (size_t i = 0; i < parts.size(); ++i) {
        if (i > 0) code.text += " .. ";
        code.text += kinds[i] == script::KindsOf("n") ? "text(" + parts[i].text + ")" : parts[i].text;
      }
      if (parts.size() > 1) code.text = "(" + code.text + ")";
      return code;
    }
  }
  if (info.max_args == SIZE_MAX) {
    const std::string list =
        "{" + Join(parts) + (parts.empty() ? "" : ", ") + "n = " + std::to_string(parts.size()) + "}";
    code.text = node.op == Op::kList ? list : "op_" + std::string(info.name) + "(" + list + ")";
    return code;
  }
  const Bytes form = TemplateFor(info, kinds);
  if (form.empty()) {
    code.text = "op_" + std::string(info.name) + "(" + Join(parts) + ")";
    if (node.op == Op::kFail) code.text = "error(" + code.text + ")";
    return code;
  }
  for (size_t i = 0; i < form.size(); ++i) {
    if (form[i] != '$') {
      code.text += form[i];
      continue;
    }
    const std::string& part = parts[form[++i] - '1'].text;
    // Fields of a literal can only be asked for in parentheses.
    const bool wrap = i + 1 < form.size() && form[i + 1] == '.' && !IsName(part);
    code.text += wrap ? "(" + part + ")" : part;
  }
  if (!IsName(form)) code.text = form == "$1" ? code.text : "(" + code.text + ")";
  return code;
}

Code FormulaCompiler::Word(const Node& node, const std::string& command) {
  if (node.kind == NodeKind::kLiteral && node.literal.is_number()) {
    char buffer[kNumberText];
    return {{}, LuaString(NumberText(node.literal.number(), buffer)), true};
  }
  Code code = Formula(node);
  const Kinds kinds = KindsOf(node);
  if (kinds == script::KindsOf("n")) {
    code.text = "text(" + code.text + ")";
  } else if (kinds != script::KindsOf("s")) {
    code.text = "word(" + code.text + ", " + LuaString(command) + ")";
  }
  return code;
}

// More words than Lua has registers, or an unknown number of them: collected in a table first.
Code FormulaCompiler::CallOfTable(const Node& node) {
  std::string declaration;
  const std::string words = names_.Temporary(&declaration);
  Code code;
  code.before.push_back(declaration + " = {" + LuaString(node.command) + "}");
  for (const auto& arg : node.args) {
    const bool spread = arg->kind == NodeKind::kSpread;
    Code part = spread ? Formula(*arg->args[0]) : Word(*arg, node.command);
    code.before.insert(code.before.end(), part.before.begin(), part.before.end());
    code.before.push_back(spread ? "spread(" + words + ", " + part.text + ", " + LuaString(node.command) + ")"
                                 : words + "[#" + words + " + 1] = " + part.text);
  }
  code.text = "redis.call(unpack(few(" + words + ")))";
  return code;
}

Code FormulaCompiler::Call(const Node& node, bool discard) {
  bool spreads = node.args.size() > kSideBySide;
  for (const auto& arg : node.args) spreads |= arg->kind == NodeKind::kSpread;
  Code code;
  if (spreads) {
    code = CallOfTable(node);
  } else {
    std::vector<Code> parts;
    for (const auto& arg : node.args) parts.push_back(Word(*arg, node.command));
    InOrder(parts, &code.before);
    const std::string words = Join(parts);
    code.text = "redis.call(" + LuaString(node.command) + (words.empty() ? "" : ", ") + words + ")";
  }
  if (!discard) code.text = "reply_" + std::string(AdaptName(node.adapt)) + "(" + code.text + ")";
  return code;
}

Code FormulaCompiler::Effect(const Node& node) {
  if (node.kind == NodeKind::kCall) return Call(node, /*discard=*/true);
  Code code = Formula(node);
  // Lua has no statement that is an expression, unless it is a call.
  const bool call = node.kind == NodeKind::kFunction || node.kind == NodeKind::kExternal ||
                    (node.kind == NodeKind::kOp && node.effect);
  if (!call || !code.text.ends_with(')')) code.text = "local _ = " + code.text;
  return code;
}

}  // namespace dualis::script::lua
