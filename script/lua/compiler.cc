// Programs as Lua: the header, the parts of the prelude that are used, then statement by statement. Each line knows the
// C++ statement it came from.
#include <algorithm>
#include <set>

#include "engine/core/sha1.h"
#include "script/lua/formula.h"
#include "script/lua/prelude.h"

namespace dualis::script {
namespace {

using ir::Block;
using ir::Stmt;
using ir::StmtKind;
using lua::Code;

class Compiler {
 public:
  explicit Compiler(const ir::ProgramData& program) : p_(program), names_(program), formulas_(program, names_) {}
  Compiler(const Compiler& script, const ir::Function& function)
      : p_(script.p_), names_(script.names_, function), formulas_(p_, names_), function_(&function) {}

  LuaScript Compile() {
    Statements(p_.body);
    if (!EndsIn(p_.body)) lines_.push_back({"return encode(None)", ""});
    const std::vector<Line> body = std::exchange(lines_, {});
    std::vector<std::vector<Line>> functions;
    for (uint32_t i = 0; i < p_.functions.size(); ++i)
      functions.push_back(Compiler(*this, p_.functions[i]).FunctionLines(i));
    Declarations();
    const std::vector<std::string> far = TooManyUpvalues(functions);
    if (!far.empty()) {
      Add("local far = {}");
      for (const std::string& name : far) Add("far." + name + " = " + name);
    }
    Externals();
    if (!functions.empty()) Add("local fn = {}");
    for (auto& function : functions) lines_.insert(lines_.end(), function.begin(), function.end());
    const std::vector<Line> head = std::exchange(lines_, {});
    std::string text;
    for (const auto* lines : {&head, &body}) {
      for (const Line& line : *lines) text += line.text + "\n";
    }

    LuaScript script;
    script.keys = p_.keys;
    script.args = p_.args;
    auto add = [&script](const std::string& line, const std::string& place) {
      script.source += line + "\n";
      script.places.push_back(place);
    };
    script.places.emplace_back();  // lines are counted from 1
    add("-- " + OneLine(p_.name), "");
    if (!p_.keys.empty()) add("-- keys: " + List(p_.keys), "");
    if (!p_.args.empty()) add("-- args: " + List(p_.args), "");
    const lua::Prelude prelude;
    size_t fail_at = Bytes::npos;
    for (const lua::Part* part : prelude.Used(text)) {
      if (part->name == "fail") fail_at = script.source.size();
      for (size_t at = 0; at < part->text.size();) {
        const size_t end = part->text.find('\n', at);
        add(part->text.substr(at, end - at), "");
        at = end + 1;
      }
    }
    script.first_line = script.places.size();
    for (const auto* lines : {&head, &body}) {
      for (const Line& line : *lines) add(line.text, line.place);
    }
    // The prelude's `fail` asks for it; filled in now that it is known.
    constexpr Bytes kFirstLine = "FIRST_LINE";
    if (const size_t at = script.source.find(kFirstLine, fail_at); at != Bytes::npos) {
      script.source.replace(at, kFirstLine.size(), std::to_string(script.first_line));
    }
    const auto sha1 = Sha1Hex(script.source);
    script.sha1.assign(sha1.begin(), sha1.end());
    return script;
  }

 private:
  struct Line {
    std::string text;
    std::string place;
  };

  // The lines of a function: entries of the table `fn`, so that their number and order do not matter.
  std::vector<Line> FunctionLines(uint32_t number) {
    place_ = function_->place;
    std::string params;
    for (uint32_t var : function_->params) params += (params.empty() ? "" : ", ") + names_.var(var);
    indent_ = 1;
    Statements(function_->body);
    if (!EndsIn(function_->body)) Return("None");
    std::vector<Line> body = std::exchange(lines_, {});
    indent_ = 0;
    place_ = function_->place;
    Add("function " + names_.function(number) + "(" + params + ")");
    if (p_.recursive) Add("  enter(" + std::to_string(function_->weight) + ")");
    if (names_.uses_table()) Add("  local V = {}");
    lines_.insert(lines_.end(), body.begin(), body.end());
    Add("end");
    return std::move(lines_);
  }

  // The users' functions, each inside of the checks of its kinds.
  void Externals() {
    if (!names_.externals().empty()) Add("local ext = {}");
    for (const auto& [external, name] : names_.externals()) {
      const OpInfo& info = external->info;
      std::vector<std::string> params;
      std::string list;
      for (size_t i = 0; i < info.max_args; ++i) {
        params.push_back("x" + std::to_string(i + 1));
        list += (i > 0 ? ", " : "") + params.back();
      }
      Add("do");
      if (external->function.lua.empty()) {
        Add("local function body() fail(" + lua::LuaString("ERR " + external->function.name + ": has no body in Lua") +
            ") end");
      } else {
        AddLines("local body = " + external->function.lua);
      }
      Add("function " + name + "(" + list + ")");
      if (!params.empty()) AddLines(lua::KindChecks(info, params));
      Add("  local r = body(" + list + ")");
      Add("  if r == nil then r = None end");
      if (info.result != kAnyKind) {
        Add("  if not (" + lua::KindTest(info.result, "r") + ") then fail(" +
            lua::LuaString("ERR " + external->function.name + ": must give " + KindsText(info.result) + ", not ") +
            " .. kind(r)) end");
      }
      Add("  return r");
      Add("end");
      Add("end");
    }
  }

  void AddLines(Bytes lines) {
    while (!lines.empty()) {
      const size_t end = std::min(lines.find('\n'), lines.size());
      Add(std::string(lines.substr(0, end)));
      lines.remove_prefix(std::min(end + 1, lines.size()));
    }
  }

  void Return(const std::string& value) {
    if (!function_) return Add("return encode(" + value + ")");
    Add("return " + (p_.recursive ? "leave(" + std::to_string(function_->weight) + ", " + value + ")" : value));
  }

  // A function of Lua 5.1 reaches no more than 60 locals outside of itself. If one would, all but the first few are
  // reached through the table `far`; their names are returned.
  std::vector<std::string> TooManyUpvalues(std::vector<std::vector<Line>>& functions) const {
    constexpr size_t kUpvalues = 55;
    const lua::Prelude prelude;
    std::set<std::string> outer = {"A", "ext"};
    for (uint32_t i = 0; i < p_.keys.size(); ++i) outer.insert(names_.key(i));
    for (uint32_t i = 0; i < p_.args.size(); ++i) outer.insert(names_.arg(i));
    std::set<std::string> far;
    for (auto& function : functions) {
      std::set<std::string> used;
      for (const Line& line : function) {
        lua::ForEachName(line.text, [&](Bytes name) {
          if (prelude.Has(name) || outer.contains(std::string(name))) used.emplace(name);
        });
      }
      if (used.size() <= kUpvalues) continue;
      used.erase("None");  // what is used most stays near
      const std::set<std::string> moved(std::next(used.begin(), kUpvalues - 5), used.end());
      for (Line& line : function) {
        std::string text;
        size_t done = 0;
        lua::ForEachName(line.text, [&](Bytes name) {
          if (!moved.contains(std::string(name))) return;
          const auto at = static_cast<size_t>(name.data() - line.text.data());
          text.append(line.text, done, at - done).append("far.");
          done = at;
        });
        line.text = text.append(line.text, done);
      }
      far.insert(moved.begin(), moved.end());
    }
    return {far.begin(), far.end()};
  }

  static std::string OneLine(Bytes text) {
    std::string line(text);
    for (char& c : line) {
      if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
    }
    return line;
  }
  static std::string List(const std::vector<std::string>& names) {
    std::string text;
    for (const std::string& name : names) text += (text.empty() ? "" : ", ") + OneLine(name);
    return text;
  }

  void Add(const std::string& text) { lines_.push_back({std::string(2 * indent_, ' ') + text, place_}); }
  void AddAll(const std::vector<std::string>& lines) {
    for (const std::string& line : lines) Add(line);
  }

  void Declarations() {
    Add("if #KEYS ~= " + std::to_string(p_.keys.size()) + " or #ARGV ~= " + std::to_string(p_.args.size()) +
        " then fail(\"ERR script: wrong number of keys or arguments\") end");
    for (uint32_t i = 0; i < p_.keys.size(); ++i) {
      const std::string source = "KEYS[" + std::to_string(i + 1) + "]";
      if (names_.key(i) != source) Add("local " + names_.key(i) + " = " + source);
    }
    bool table = false;
    for (uint32_t i = 0; i < p_.args.size(); ++i) {
      const bool local = !names_.arg(i).starts_with("A[");
      if (!local && !std::exchange(table, true)) Add("local A = {}");
      Add((local ? "local " : "") + names_.arg(i) + " = decode(ARGV[" + std::to_string(i + 1) + "])");
    }
    if (names_.uses_table()) Add("local V = {}");
  }

  // What follows such a statement is never reached, and Lua would not parse it.
  static bool Ends(const Stmt& s) {
    return s.kind == StmtKind::kReturn || s.kind == StmtKind::kBreak || s.kind == StmtKind::kContinue;
  }

  static bool EndsIn(const Block& block) {
    return std::any_of(block.begin(), block.end(), [](const auto& s) { return Ends(*s); });
  }

  void Statements(const Block& block) {
    const int mark = names_.mark();
    for (const auto& s : block) {
      Statement(*s);
      if (Ends(*s)) break;
    }
    names_.Leave(mark);
  }

  void Body(const Block& block) {
    ++indent_;
    Statements(block);
    --indent_;
  }

  // Runs `emit` inside of do ... end if there are statements in front of an expression, so that their temporaries go.
  template <class F>
  void With(const Code& code, int mark, F emit) {
    if (code.before.empty()) {
      emit();
    } else {
      Add("do");
      ++indent_;
      AddAll(code.before);
      emit();
      --indent_;
      Add("end");
    }
    names_.Leave(mark);
  }

  void Statement(const Stmt& s) {
    place_ = s.place;
    const int mark = names_.mark();
    switch (s.kind) {
      case StmtKind::kDeclare: {
        const Code code = formulas_.Formula(*s.a);
        names_.Leave(mark);
        const bool local = names_.Declare(s.var);
        const int declared = names_.mark();
        const std::string& name = names_.var(s.var);
        if (code.before.empty()) return Add((local ? "local " : "") + name + " = " + code.text);
        if (local) Add("local " + name);
        return With(code, declared, [&] { Add(name + " = " + code.text); });
      }
      case StmtKind::kAssign: {
        const Code code = formulas_.Formula(*s.a);
        return With(code, mark, [&] { Add(names_.var(s.var) + " = " + code.text); });
      }
      case StmtKind::kExpr: {
        Code code = formulas_.Effect(*s.a);
        if (code.text.starts_with("local ") && code.before.empty()) code.text = "do " + code.text + " end";
        return With(code, mark, [&] { Add(code.text); });
      }
      case StmtKind::kReturn: {
        const Code code = formulas_.Formula(*s.a);
        return With(code, mark, [&] { Return(code.text); });
      }
      case StmtKind::kIf: {
        const Code code = formulas_.Condition(*s.a);
        return With(code, mark, [&] {
          Add("if " + code.text + " then");
          IfBody(s);
        });
      }
      case StmtKind::kWhile: {
        const Code code = formulas_.Condition(*s.a);
        Add(code.before.empty() ? "while " + code.text + " do" : "while true do");
        ++indent_;
        AddAll(code.before);
        if (!code.before.empty()) Add("if not " + code.text + " then break end");
        LoopBody(s.body);
        --indent_;
        Add("end");
        return names_.Leave(mark);
      }
      case StmtKind::kForList:
        return ForList(s, mark);
      case StmtKind::kForRange:
        return ForRange(s, mark);
      case StmtKind::kBreak:
      case StmtKind::kContinue:
        return Leave(s.kind == StmtKind::kBreak);
    }
  }

  // The rest of an `if` whose first line is written.
  void IfBody(const Stmt& s) {
    Body(s.body);
    const Block& rest = s.otherwise;
    if (rest.size() == 1 && rest[0]->kind == StmtKind::kIf) {
      const int mark = names_.mark();
      place_ = rest[0]->place;
      const Code code = formulas_.Condition(*rest[0]->a);
      if (code.before.empty()) {
        Add("elseif " + code.text + " then");
        IfBody(*rest[0]);
        return names_.Leave(mark);
      }
      names_.Leave(mark);
    }
    if (!rest.empty()) {
      Add("else");
      Body(rest);
    }
    Add("end");
  }

  // True if the block holds a statement of that kind which belongs to the loop around it.
  static bool Holds(const Block& block, StmtKind kind) {
    for (const auto& s : block) {
      if (s->kind == kind) return true;
      if (s->kind == StmtKind::kIf && (Holds(s->body, kind) || Holds(s->otherwise, kind))) return true;
    }
    return false;
  }

  // Lua 5.1 has no continue: the body becomes a loop that runs once, and `continue` leaves that. A `break` then has to
  // leave both, by way of a flag.
  void LoopBody(const Block& body) {
    const std::string outer = std::exchange(flag_, "");
    const bool outer_once = std::exchange(once_, Holds(body, StmtKind::kContinue));
    if (!once_) {
      Statements(body);
    } else {
      if (Holds(body, StmtKind::kBreak)) {
        flag_ = Hidden("false");
      }
      Add("repeat");
      Body(body);
      Add("until true");
      if (!flag_.empty()) Add("if " + flag_ + " then break end");
    }
    flag_ = outer;
    once_ = outer_once;
  }

  void Leave(bool leave_loop) {
    if (leave_loop && once_) Add(flag_ + " = true");
    Add("break");
  }

  // A variable that the script does not know of.
  std::string Hidden(const std::string& value) {
    std::string declaration;
    std::string name = names_.Temporary(&declaration);
    Add(declaration + " = " + value);
    return name;
  }

  // Declares a variable of a loop, which the body may assign to without touching the loop.
  void LoopVar(uint32_t var, const std::string& value) {
    const bool local = names_.Declare(var);
    Add((local ? "local " : "") + names_.var(var) + " = " + value);
  }

  void ForList(const Stmt& s, int mark) {
    Code code = formulas_.Formula(*s.a);
    if (ir::KindsOfNode(p_, *s.a) != KindsOf("l")) code.text = "each(" + code.text + ")";
    Add("do");
    ++indent_;
    AddAll(code.before);
    const std::string list = Hidden(code.text), at = Hidden("0");
    Add("while " + at + " < " + list + ".n do");
    ++indent_;
    LoopVar(s.var, at);
    LoopVar(s.var2, list + "[" + at + " + 1]");
    Add(at + " = " + at + " + 1");
    LoopBody(s.body);
    --indent_;
    Add("end");
    --indent_;
    Add("end");
    names_.Leave(mark);
  }

  void ForRange(const Stmt& s, int mark) {
    const Code from = formulas_.Formula(*s.a), to = formulas_.Formula(*s.b);
    Add("do");
    ++indent_;
    AddAll(from.before);
    const std::string at = Hidden(from.text);
    AddAll(to.before);
    const std::string end = Hidden(to.text);
    if (ir::KindsOfNode(p_, *s.a) != KindsOf("n")) Add("bound(" + at + ")");
    if (ir::KindsOfNode(p_, *s.b) != KindsOf("n")) Add("bound(" + end + ")");
    Add("while " + at + " < " + end + " do");
    ++indent_;
    LoopVar(s.var, at);
    Add(at + " = " + at + " + 1");
    LoopBody(s.body);
    --indent_;
    Add("end");
    --indent_;
    Add("end");
    names_.Leave(mark);
  }

  const ir::ProgramData& p_;
  lua::Names names_;
  lua::FormulaCompiler formulas_;
  std::vector<Line> lines_;
  size_t indent_ = 0;
  std::string place_;
  const ir::Function* function_ = nullptr;  // the one whose body this is; null: the script's
  std::string flag_;                        // what a break sets, in a loop with both break and continue
  bool once_ = false;                       // the innermost loop's body is inside of repeat ... until true
};

}  // namespace

LuaScript CompileLua(const Program& program) { return Compiler(program.data()).Compile(); }

}  // namespace dualis::script
