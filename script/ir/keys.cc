// What a script touches: the key positions that the commands' own descriptions give, and where the word at each of them
// comes from. A word is a declared key, or bytes that begin with one (a prefix of the client then holds for it, and on
// a cluster so does the hash tag), or something else. Whether a command writes is told by its row, too.
#include <set>
#include <utility>
#include <vector>

#include "dualis/script_keys.h"
#include "engine/command/describe.h"
#include "script/ir/program.h"

namespace dualis::script::ir {
namespace {

// Where the bytes of a formula may come from: the union over all ways to it.
struct Source {
  std::set<uint32_t> keys;  // declared keys that it is, or begins with
  bool longer = false;      // it may be more than just the key
  bool other = false;       // it may be something that begins with no key
  bool operator==(const Source&) const = default;

  void Add(const Source& more) {
    keys.insert(more.keys.begin(), more.keys.end());
    longer |= more.longer;
    other |= more.other;
  }
};

// What is found: the members of ProgramData of these names.
struct Findings {
  std::vector<TouchedKey> touched;
  bool read_only = true;
  bool keys_are_declared = true;
  bool keys_are_derived = false;
};

class KeyWalk {
 public:
  KeyWalk(const ProgramData& program, const CommandTable& table)
      : p_(program), vars_(program.vars.size()), functions_(program.functions.size()), table_(table) {}

  Findings Run() && {
    // Nothing is known to come from anywhere at first; what is assigned adds to that until nothing changes.
    for (size_t i = 0; i < functions_.size(); ++i) functions_[i].other = !Returns(p_.functions[i].body);
    do {
      changed_ = false;
      ForEachBlock([&](const ir::Block& block, uint32_t function) { Assignments(block, function); });
    } while (changed_);
    ForEachBlock([&](const ir::Block& block, uint32_t) { Commands(block); });
    return std::move(found_);
  }

 private:
  static constexpr uint32_t kScript = UINT32_MAX;

  template <class F>
  void ForEachBlock(F visit) {
    for (uint32_t i = 0; i < p_.functions.size(); ++i) visit(p_.functions[i].body, i);
    visit(p_.body, kScript);
  }

  Source SourceOf(const Node& node) const {
    Source source;
    switch (node.kind) {
      case NodeKind::kKey:
        source.keys.insert(node.index);
        return source;
      case NodeKind::kVar:
        return vars_[node.index];
      case NodeKind::kFunction:
        return functions_[node.index];
      case NodeKind::kOp:
        if (node.op != Op::kConcat || node.args.empty()) break;
        source = SourceOf(*node.args[0]);
        source.longer |= node.args.size() > 1;
        return source;
      case NodeKind::kIfElse:
        source = SourceOf(*node.args[1]);
        source.Add(SourceOf(*node.args[2]));
        return source;
      default:
        break;
    }
    source.other = true;
    return source;
  }

  void Widen(Source& source, const Source& more) {
    const Source before = source;
    source.Add(more);
    changed_ |= !(source == before);
  }

  void Assignments(const ir::Block& block, uint32_t function) {
    const Source other = {{}, false, true};
    auto calls = [&](const Node& node) {
      if (node.kind != NodeKind::kFunction) return;
      const auto& params = p_.functions[node.index].params;
      for (size_t i = 0; i < params.size(); ++i) Widen(vars_[params[i]], SourceOf(*node.args[i]));
    };
    for (const auto& s : block) {
      if (!p_.functions.empty()) {
        if (s->a) ForEachNode(*s->a, calls);
        if (s->b) ForEachNode(*s->b, calls);
      }
      if (s->kind == StmtKind::kDeclare || s->kind == StmtKind::kAssign) Widen(vars_[s->var], SourceOf(*s->a));
      if (s->kind == StmtKind::kForList || s->kind == StmtKind::kForRange) Widen(vars_[s->var], other);
      if (s->kind == StmtKind::kForList) Widen(vars_[s->var2], other);
      if (s->kind == StmtKind::kReturn && function != kScript) Widen(functions_[function], SourceOf(*s->a));
      Assignments(s->body, function);
      Assignments(s->otherwise, function);
    }
  }

  void Commands(const ir::Block& block) {
    auto visit = [&](const Node& node) {
      if (node.kind == NodeKind::kCall) Call(node);
    };
    for (const auto& s : block) {
      if (s->a) ForEachNode(*s->a, visit);
      if (s->b) ForEachNode(*s->b, visit);
      Commands(s->body);
      Commands(s->otherwise);
    }
  }

  void Call(const Node& node) {
    std::vector<Arg> argv = {Bytes(node.command)};
    std::vector<char> room(node.args.size() * kNumberText);
    size_t spread = SIZE_MAX;
    for (size_t i = 0; i < node.args.size(); ++i) {
      const Node& word = *node.args[i];
      if (word.kind == NodeKind::kSpread && spread == SIZE_MAX) spread = i + 1;
      if (word.kind == NodeKind::kLiteral && word.literal.is_bytes()) {
        argv.emplace_back(word.literal.bytes());
      } else if (word.kind == NodeKind::kLiteral && word.literal.is_number()) {
        argv.emplace_back(NumberText(word.literal.number(), &room[i * kNumberText]));
      } else {
        argv.emplace_back(Bytes("?"));
      }
    }
    Error unknown;
    const CommandRow* row = table_.Find(argv, &unknown);
    if (!row || !row->describe) {
      // A command of a plug-in, or one that is chosen when the script runs: it may do anything.
      found_.read_only = false;
      return Unknown();
    }
    found_.read_only &= !row->is(kWrite | kMayReplicate);  // what EVALSHA_RO refuses
    std::vector<KeyPosition> keys;
    if (!FindKeys(row->describe(), argv, &keys)) return Unknown();
    for (const KeyPosition& key : keys) {
      if (key.index == 0 || key.index >= argv.size() || key.index >= spread) {
        Unknown();
        continue;
      }
      const Node& word = *node.args[key.index - 1];
      const Source source = SourceOf(word);
      const bool declared = !source.other && !source.keys.empty();
      found_.keys_are_declared &= declared;
      found_.keys_are_derived |= source.longer;
      TouchedKey touched{node.command, FormulaText(p_, word), {}, declared, source.longer};
      for (uint32_t i : source.keys) touched.keys.push_back(p_.keys[i]);
      bool known = false;
      for (const TouchedKey& other : found_.touched) {
        known |= other.command == touched.command && other.formula == touched.formula;
      }
      if (!known) found_.touched.push_back(std::move(touched));
    }
  }

  // Keys at places that nobody knows.
  void Unknown() { found_.keys_are_declared = false; }

  const ProgramData& p_;
  std::vector<Source> vars_;
  std::vector<Source> functions_;
  const CommandTable& table_;
  Findings found_;
  bool changed_ = false;
};

}  // namespace

void FindTouchedKeys(ProgramData& program) {
  const CommandTable built_in;
  Findings found = KeyWalk(program, built_in).Run();
  program.touched = std::move(found.touched);
  program.read_only = found.read_only;
  program.keys_are_declared = found.keys_are_declared;
  program.keys_are_derived = found.keys_are_derived;
}

}  // namespace dualis::script::ir

namespace dualis::script {

bool KeysAreDeclared(const Program& program, const CommandTable& commands) {
  return program.keys_are_declared() || ir::KeyWalk(program.data(), commands).Run().keys_are_declared;
}

}  // namespace dualis::script
