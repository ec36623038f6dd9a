// Programs as JSON. Literals are written by EncodeValue and then as text whose code points are the bytes, so that byte
// strings which are not UTF-8 survive.
//
//   {"dualis_script": 1, "name": "...", "keys": [...], "args": [...], "locals": [...], "body": [statement...],
//    "functions": [{"name": "...", "params": [var...], "body": [statement...], "place": "file.cc:12"}...]}
//   statement := ["let", var, f] ["set", var, f] ["do", f] ["if", f, [..], [..]] ["while", f, [..]]
//              | ["for", index, value, f, [..]] ["range", var, f, f, [..]] ["break"] ["continue"] ["return", f]
//                and, as the last element, {"place": "file.cc:12"} if it is known
//   f         := ["lit", text] ["var", i] ["key", i] ["arg", i] ["op", name, f...] ["and", f, f] ["or", f, f]
//              | ["if", f, f, f] ["call", name, f...] ["spread", f] ["fn", i, f...] ["ext", name, f...]
#include <nlohmann/json.hpp>

#include "script/ir/program.h"

namespace dualis::script::ir {
namespace {

using Json = nlohmann::json;

constexpr int kVersion = 1;

std::string ToCodePoints(Bytes bytes) {
  std::string text;
  for (char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) {
      text.push_back(c);
    } else {
      text.push_back(static_cast<char>(0xc0 | byte >> 6));
      text.push_back(static_cast<char>(0x80 | (byte & 63)));
    }
  }
  return text;
}

bool FromCodePoints(const std::string& text, std::string* bytes) {
  for (size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte < 0x80) {
      bytes->push_back(text[i]);
    } else if ((byte == 0xc2 || byte == 0xc3) && i + 1 < text.size()) {
      bytes->push_back(static_cast<char>((byte & 3) << 6 | (text[++i] & 63)));
    } else {
      return false;
    }
  }
  return true;
}

class Writer {
 public:
  explicit Writer(JsonScope scope) : scope_(scope) {}

  Json Program(const ProgramData& p) const {
    Json names = Json::array();
    auto text = [](const std::vector<std::string>& list) {
      Json out = Json::array();
      for (const std::string& name : list) out.push_back(ToCodePoints(name));
      return out;
    };
    for (const Var& var : p.vars) names.push_back(scope_ == JsonScope::kAll ? ToCodePoints(var.name) : "");
    Json out = {{"dualis_script", kVersion}, {"name", ToCodePoints(p.name)},
                {"keys", text(p.keys)},      {"args", text(p.args)},
                {"locals", names},           {"body", Statements(p.body)}};
    for (const Function& f : p.functions) {
      Json function = {{"params", f.params}, {"body", Statements(f.body)}};
      if (scope_ == JsonScope::kAll) {
        function["name"] = ToCodePoints(f.name);
        if (!f.place.empty()) function["place"] = ToCodePoints(f.place);
      }
      out["functions"].push_back(std::move(function));
    }
    return out;
  }

 private:
  Json Statements(const Block& block) const {
    Json out = Json::array();
    for (const auto& s : block) {
      out.push_back(Statement(*s));
      if (scope_ == JsonScope::kAll && !s->place.empty()) out.back().push_back({{"place", ToCodePoints(s->place)}});
    }
    return out;
  }

  Json Statement(const Stmt& s) const {
    switch (s.kind) {
      case StmtKind::kDeclare:
        return Json::array({"let", s.var, Formula(*s.a)});
      case StmtKind::kAssign:
        return Json::array({"set", s.var, Formula(*s.a)});
      case StmtKind::kExpr:
        return Json::array({"do", Formula(*s.a)});
      case StmtKind::kIf:
        return Json::array({"if", Formula(*s.a), Statements(s.body), Statements(s.otherwise)});
      case StmtKind::kWhile:
        return Json::array({"while", Formula(*s.a), Statements(s.body)});
      case StmtKind::kForList:
        return Json::array({"for", s.var, s.var2, Formula(*s.a), Statements(s.body)});
      case StmtKind::kForRange:
        return Json::array({"range", s.var, Formula(*s.a), Formula(*s.b), Statements(s.body)});
      case StmtKind::kBreak:
        return Json::array({"break"});
      case StmtKind::kContinue:
        return Json::array({"continue"});
      case StmtKind::kReturn:
        return Json::array({"return", Formula(*s.a)});
    }
    return {};
  }

  Json Formula(const Node& node) const {
    Json out = Json::array();
    switch (node.kind) {
      case NodeKind::kLiteral:
        return Json::array({"lit", ToCodePoints(EncodeValue(node.literal))});
      case NodeKind::kVar:
        return Json::array({"var", node.index});
      case NodeKind::kKey:
        return Json::array({"key", node.index});
      case NodeKind::kArg:
        return Json::array({"arg", node.index});
      case NodeKind::kOp:
        out = Json::array({"op", std::string(InfoOf(node.op).name)});
        break;
      case NodeKind::kAnd:
        out = Json::array({"and"});
        break;
      case NodeKind::kOr:
        out = Json::array({"or"});
        break;
      case NodeKind::kIfElse:
        out = Json::array({"if"});
        break;
      case NodeKind::kCall:
        out = Json::array({"call", node.command});
        break;
      case NodeKind::kSpread:
        out = Json::array({"spread"});
        break;
      case NodeKind::kFunction:
        out = Json::array({"fn", node.index});
        break;
      case NodeKind::kExternal:
        out = Json::array({"ext", node.external->function.name});
        // What it means is decided by its body.
        if (scope_ == JsonScope::kMeaning) out.push_back(ToCodePoints(node.external->function.lua));
        break;
    }
    for (const NodePtr& arg : node.args) out.push_back(Formula(*arg));
    return out;
  }

  JsonScope scope_;
};

// Reads what Writer wrote. A text that does not fit sets `bad` and yields something harmless; the verifier does the
// rest.
class Loader {
 public:
  explicit Loader(std::span<const std::shared_ptr<const Extern>> functions) : externals_(functions) {}

  Error Load(Bytes text, ProgramData* p) {
    // Bounded before it is parsed by recursion: nesting deeper than any program needs is not parsed at all.
    const Json json = Json::parse(
        text.begin(), text.end(),
        [](int depth, Json::parse_event_t, Json&) {
          return depth < static_cast<int>(2 * (kMaxHeight + kMaxBlocks + kMaxElseIfs));
        },
        false);
    if (!json.is_object() || json.value("dualis_script", Json()) != kVersion) {
      return Error(ErrorCode::kErr, "ERR not a script of this version");
    }
    p->name = Name(json, "name");
    p->keys = Names(json, "keys");
    p->args = Names(json, "args");
    for (std::string& name : Names(json, "locals")) p->vars.push_back({std::move(name)});
    if (json.contains("functions")) Functions(json["functions"], p);
    if (json.contains("body")) p->body = Statements(json["body"], 0);
    if (bad_) return Error(ErrorCode::kErr, "ERR the JSON is no script");
    return {};
  }

 private:
  std::string Text(const Json& json) {
    std::string bytes;
    if (!json.is_string() || !FromCodePoints(json.get_ref<const std::string&>(), &bytes)) bad_ = true;
    return bytes;
  }
  std::string Name(const Json& json, const char* key) { return json.contains(key) ? Text(json[key]) : std::string(); }
  std::vector<std::string> Names(const Json& json, const char* key) {
    std::vector<std::string> names;
    if (!json.contains(key)) return names;
    if (!json[key].is_array()) bad_ = true;
    for (const Json& name : json[key]) names.push_back(Text(name));
    return names;
  }
  uint32_t Index(const Json& json) {
    if (json.is_number_unsigned() && json.get<uint64_t>() < UINT32_MAX) return json.get<uint32_t>();
    bad_ = true;
    return 0;
  }

  void Functions(const Json& json, ProgramData* p) {
    if (!json.is_array()) bad_ = true;
    for (const Json& f : json) {
      if (!f.is_object() || !f.contains("params") || !f["params"].is_array() || !f.contains("body")) bad_ = true;
      if (bad_) return;
      Function& function = p->functions.emplace_back();
      function.name = Name(f, "name");
      function.place = Name(f, "place");
      for (const Json& param : f["params"]) function.params.push_back(Index(param));
      function.body = Statements(f["body"], 0);
    }
  }

  Block Statements(const Json& json, int depth) {
    Block block;
    if (!json.is_array() || depth > kMaxBlocks + kMaxElseIfs) {
      bad_ = true;
      return block;
    }
    for (const Json& s : json) {
      if (bad_) break;
      block.push_back(Statement(s, depth));
    }
    return block;
  }

  std::unique_ptr<Stmt> Statement(const Json& json, int depth) {
    auto s = std::make_unique<Stmt>(Stmt{StmtKind::kBreak});
    size_t size = json.is_array() ? json.size() : 0;
    if (size > 1 && json[size - 1].is_object()) {
      s->place = Name(json[size - 1], "place");
      --size;
    }
    const std::string word = size > 0 ? Text(json[0]) : "";
    auto is = [&](const char* name, StmtKind kind, size_t parts) {
      if (word != name || size != parts) return false;
      s->kind = kind;
      return true;
    };
    if (is("let", StmtKind::kDeclare, 3) || is("set", StmtKind::kAssign, 3)) {
      s->var = Index(json[1]);
      s->a = Formula(json[2], 0);
    } else if (is("do", StmtKind::kExpr, 2) || is("return", StmtKind::kReturn, 2)) {
      s->a = Formula(json[1], 0);
    } else if (is("if", StmtKind::kIf, 4)) {
      s->a = Formula(json[1], 0);
      s->body = Statements(json[2], depth + 1);
      s->otherwise = Statements(json[3], depth + 1);
    } else if (is("while", StmtKind::kWhile, 3)) {
      s->a = Formula(json[1], 0);
      s->body = Statements(json[2], depth + 1);
    } else if (is("for", StmtKind::kForList, 5)) {
      s->var = Index(json[1]);
      s->var2 = Index(json[2]);
      s->a = Formula(json[3], 0);
      s->body = Statements(json[4], depth + 1);
    } else if (is("range", StmtKind::kForRange, 5)) {
      s->var = Index(json[1]);
      s->a = Formula(json[2], 0);
      s->b = Formula(json[3], 0);
      s->body = Statements(json[4], depth + 1);
    } else if (!is("break", StmtKind::kBreak, 1) && !is("continue", StmtKind::kContinue, 1)) {
      bad_ = true;
    }
    return s;
  }

  NodePtr Formula(const Json& json, uint32_t depth) {
    if (bad_ || !json.is_array() || json.empty() || depth > kMaxHeight) return Bad();
    const std::string word = Text(json[0]);
    const size_t parts = json.size() - 1;
    Node node{NodeKind::kLiteral};
    size_t first = 1;
    if (word == "lit" && parts == 1) {
      Value value;
      if (!DecodeValue(Text(json[1]), &value)) return Bad();
      return MakeLiteral(std::move(value));
    }
    if ((word == "var" || word == "key" || word == "arg") && parts == 1) {
      node.kind = word == "var" ? NodeKind::kVar : word == "key" ? NodeKind::kKey : NodeKind::kArg;
      node.index = Index(json[1]);
      return MakeNode(std::move(node));
    }
    if (word == "op" && parts >= 1) {
      const OpInfo* info = FindOp(Text(json[1]));
      if (!info) return Bad();
      node.kind = NodeKind::kOp;
      node.op = info->op;
      first = 2;
    } else if (word == "call" && parts >= 1) {
      node.kind = NodeKind::kCall;
      node.command = Text(json[1]);
      first = 2;
    } else if (word == "fn" && parts >= 1) {
      node.kind = NodeKind::kFunction;
      node.index = Index(json[1]);
      first = 2;
    } else if (word == "ext" && parts >= 1) {
      const std::string name = Text(json[1]);
      node.kind = NodeKind::kExternal;
      for (const auto& external : externals_) {
        if (external->function.name == name) node.external = external;
      }
      if (!node.external) return Bad();
      first = 2;
    } else if (word == "and") {
      node.kind = NodeKind::kAnd;
    } else if (word == "or") {
      node.kind = NodeKind::kOr;
    } else if (word == "if") {
      node.kind = NodeKind::kIfElse;
    } else if (word == "spread") {
      node.kind = NodeKind::kSpread;
    } else {
      return Bad();
    }
    for (size_t i = first; i < json.size(); ++i) node.args.push_back(Formula(json[i], depth + 1));
    if (node.kind == NodeKind::kCall) SetAdapt(node);
    return MakeNode(std::move(node));
  }

  NodePtr Bad() {
    bad_ = true;
    return MakeLiteral(Value());
  }

  std::span<const std::shared_ptr<const Extern>> externals_;
  bool bad_ = false;
};

}  // namespace

std::string ProgramJson(const ProgramData& program, JsonScope scope) {
  return Writer(scope).Program(program).dump(-1, ' ', true);
}

Result<std::shared_ptr<const ProgramData>> LoadJson(Bytes json,
                                                    std::span<const std::shared_ptr<const Extern>> functions) {
  auto data = std::make_shared<ProgramData>();
  if (Error error = Loader(functions).Load(json, data.get())) return error;
  if (Error error = Finish(*data)) return error;
  return std::shared_ptr<const ProgramData>(std::move(data));
}

}  // namespace dualis::script::ir
