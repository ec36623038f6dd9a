#include "script/lua/prelude.h"

namespace dualis::script::lua {

// "type(x) == "string" or ..." for a set of kinds.
std::string KindTest(Kinds kinds, const std::string& x) {
  static constexpr Bytes kTests[] = {
      "$ == None",
      "type($) == \"boolean\"",
      "type($) == \"number\"",
      "type($) == \"string\"",
      "type($) == \"table\" and $.n",
      "type($) == \"table\" and $.c",
  };
  std::string text;
  for (int i = 0; i < 6; ++i) {
    if (!(kinds >> i & 1)) continue;
    if (!text.empty()) text += " or ";
    for (char c : kTests[i]) c == '$' ? text += x : text += c;
  }
  return text;
}

namespace {

std::string Check(const OpInfo& info, size_t i, const std::string& x, const std::string& number, const char* indent) {
  const Kinds kinds = info.param(i);
  if (kinds == kAnyKind) return "";
  const bool optional = i >= info.min_args && info.max_args != SIZE_MAX;
  return indent + ("if " + std::string(optional ? x + " ~= nil and " : "") + "not (" + KindTest(kinds, x) +
                   ") then bad_kind(\"" + std::string(info.name) + "\", " + number + ", \"" + KindsText(kinds) +
                   "\", " + x + ") end\n");
}

}  // namespace

// What stands for --@check in the function of an operation.
std::string KindChecks(const OpInfo& info, const std::vector<std::string>& names) {
  std::string text;
  if (info.max_args == SIZE_MAX) {
    const std::string item = names[0] + "[i]";
    return "  for i = 1, " + names[0] + ".n do\n" + Check(info, 0, item, "i", "    ") + "  end\n";
  }
  for (size_t i = 0; i < names.size(); ++i) text += Check(info, i, names[i], std::to_string(i + 1), "  ");
  return text;
}

namespace {

std::vector<std::string> ParameterNames(Bytes line) {
  std::vector<std::string> names(1);
  for (char c : line.substr(line.find('(') + 1)) {
    if (c == ')') break;
    if (c == ',') {
      names.emplace_back();
    } else if (c != ' ') {
      names.back() += c;
    }
  }
  return names;
}

}  // namespace

Prelude::Prelude() {
  std::vector<std::string> names;
  for (Bytes rest = kPreludeText; !rest.empty();) {
    const size_t end = std::min(rest.find('\n'), rest.size() - 1);
    const Bytes line = rest.substr(0, end);
    rest.remove_prefix(end + 1);
    if (line.starts_with("--- ")) {
      parts_.push_back({std::string(line.substr(4)), ""});
    } else if (line == "  --@check") {
      if (const OpInfo* info = FindOp(Bytes(parts_.back().name).substr(3)))
        parts_.back().text += KindChecks(*info, names);
    } else if (!parts_.empty() && !line.starts_with("--") && !line.empty()) {
      if (line.starts_with("local function")) names = ParameterNames(line);
      parts_.back().text.append(line).append("\n");
    }
  }
}

bool Prelude::Has(Bytes name) const {
  for (const Part& part : parts_) {
    if (part.name == name) return true;
  }
  return false;
}

void Prelude::Mark(Bytes text, std::set<const Part*>& used) const {
  ForEachName(text, [&](Bytes name) {
    for (const Part& part : parts_) {
      if (part.name == name && used.insert(&part).second) Mark(part.text, used);
    }
  });
}

std::vector<const Part*> Prelude::Used(Bytes text) const {
  std::set<const Part*> used;
  Mark(text, used);
  return {used.begin(), used.end()};  // the addresses are in the order of the file
}

}  // namespace dualis::script::lua
