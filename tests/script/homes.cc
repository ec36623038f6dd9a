#include "tests/script/homes.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "tests/runner/reply_tree.h"
#include "tests/runner/tree_sink.h"

namespace dualis::script {
namespace {

using cases::ReplyTree;

std::vector<Bytes> Views(const std::vector<std::string>& words) { return {words.begin(), words.end()}; }

std::string Text(const ReplyTree& tree) {
  std::string text;
  for (const std::string& line : cases::PrintReply(tree)) text += (text.empty() ? "" : "\n") + line;
  return text;
}

// A reply of RESP2 as events.
void Send(const ReplyTree& tree, ReplySink& sink) {
  switch (tree.kind) {
    case ReplyTree::Kind::kStatus:
      return sink.Simple(tree.text);
    case ReplyTree::Kind::kError:
      return sink.Error(Error::FromReply(tree.text));
    case ReplyTree::Kind::kInteger:
      return sink.Int(tree.integer);
    case ReplyTree::Kind::kBulk:
      return sink.Bulk(tree.text);
    case ReplyTree::Kind::kArray:
      sink.Begin(Shape::kArray, tree.children.size());
      for (const ReplyTree& child : tree.children) Send(child, sink);
      return sink.End();
    default:
      return sink.Null();
  }
}

std::vector<std::string> EvalWords(const LuaScript& lua, const std::vector<std::string>& keys,
                                   const std::vector<Value>& args) {
  std::vector<std::string> words = {"EVAL", lua.source, std::to_string(keys.size())};
  words.insert(words.end(), keys.begin(), keys.end());
  for (std::string& word : EncodeArgs(args)) words.push_back(std::move(word));
  return words;
}

Result<Value> FromReply(const LuaScript& lua, const ReplyTree& reply, std::string* place) {
  if (reply.kind == ReplyTree::Kind::kError) return NormalizeError(lua, Error::FromReply(reply.text), place);
  return DecodeResult(reply.text);
}

class ServerLua : public Home {
 public:
  explicit ServerLua(std::shared_ptr<Server> server) : server_(std::move(server)) {}
  std::string name() const override { return "Lua on redis-server"; }
  bool Has(const Program&) const override { return true; }
  Result<Value> Run(const Program& program, const std::vector<std::string>& keys, const std::vector<Value>& args,
                    std::string* place) override {
    const LuaScript lua = CompileLua(program);
    // By its hash if it was seen before, as a client does.
    auto words = EvalWords(lua, keys, args);
    words[0] = "EVALSHA";
    words[1] = lua.sha1;
    ReplyTree reply = server_->socket.Ask(words);
    if (reply.kind == ReplyTree::Kind::kError && reply.text.starts_with("NOSCRIPT")) {
      reply = server_->socket.Ask(EvalWords(lua, keys, args));
    }
    return FromReply(lua, reply, place);
  }
  std::string Do(const std::vector<std::string>& words) override { return Text(server_->socket.Ask(words)); }

 private:
  std::shared_ptr<Server> server_;
};

class ServerNative : public Home, CommandCaller {
 public:
  explicit ServerNative(std::shared_ptr<Server> server) : server_(std::move(server)) {}
  std::string name() const override { return "native, commands on redis-server"; }
  bool Has(const Program&) const override { return true; }
  Result<Value> Run(const Program& program, const std::vector<std::string>& keys, const std::vector<Value>& args,
                    std::string* place) override {
    RunOptions options;
    options.step_limit = 10'000'000;
    options.place = place;
    return NativeScript(program).Run(*this, Views(keys), args, options);
  }
  std::string Do(const std::vector<std::string>& words) override { return Text(server_->socket.Ask(words)); }

 private:
  Error Call(Args argv, ReplySink& sink) override {
    std::vector<std::string> words;
    char buffer[Arg::kTextBytes];
    for (const Arg& arg : argv) words.emplace_back(arg.Text(buffer));
    Send(server_->socket.Ask(words), sink);
    return {};
  }

  std::shared_ptr<Server> server_;
};

class EngineHome : public Home {
 public:
  EngineHome() : engine_(Engine::Create()), session_(engine_->Connect()) {}
  bool Has(const Program& program) const override {
    for (const std::string& command : program.commands()) {
      if (!engine_->commands().FindByName(command)) return false;
    }
    return true;
  }
  std::string Do(const std::vector<std::string>& words) override { return Text(Ask(words)); }

 protected:
  ReplyTree Ask(const std::vector<std::string>& words) {
    std::vector<Arg> argv(words.begin(), words.end());
    cases::TreeSink sink([] { return 2; });
    session_->Execute(Args(argv), sink);
    return sink.Take();
  }

  std::unique_ptr<Engine> engine_;
  std::unique_ptr<Session> session_;
};

class EngineNative : public EngineHome {
 public:
  std::string name() const override { return "native on the engine"; }
  Result<Value> Run(const Program& program, const std::vector<std::string>& keys, const std::vector<Value>& args,
                    std::string* place) override {
    const NativeScript native(program, &engine_->commands());
    RunOptions options;
    options.step_limit = 10'000'000;
    options.place = place;
    Result<Value> result;
    Error error = session_->InTurn([&](Exec& exec) {
      result = native.Run(exec, Views(keys), args, options);
      return Error();
    });
    return error ? Result<Value>(error) : result;
  }
};

class EngineLua : public EngineHome {
 public:
  std::string name() const override { return "Lua on the engine"; }
  bool Has(const Program& program) const override {
    return EngineHome::Has(program) && engine_->commands().FindByName("EVAL");
  }
  Result<Value> Run(const Program& program, const std::vector<std::string>& keys, const std::vector<Value>& args,
                    std::string* place) override {
    const LuaScript lua = CompileLua(program);
    return FromReply(lua, Ask(EvalWords(lua, keys, args)), place);
  }
};

void Write(Bytes bytes, std::string* out) {
  static constexpr char kHex[] = "0123456789abcdef";
  *out += '"';
  for (char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      *out += '\\';
      *out += c;
    } else if (byte >= 0x20 && byte < 0x7f) {
      *out += c;
    } else {
      *out += "\\x";
      *out += kHex[byte >> 4];
      *out += kHex[byte & 15];
    }
  }
  *out += '"';
}

void Write(const Value& v, std::string* out) {
  if (v.is_none()) {
    *out += "None";
  } else if (v.is_bytes()) {
    Write(v.bytes(), out);
  } else if (v.is_list()) {
    *out += '[';
    bool first = true;
    for (const Value& item : v.items()) {
      if (!std::exchange(first, false)) *out += ", ";
      Write(item, out);
    }
    *out += ']';
  } else if (v.is_dict()) {
    *out += '{';
    bool first = true;
    for (const auto& [key, item] : v.entries()) {
      if (!std::exchange(first, false)) *out += ", ";
      Write(Bytes(key), out);
      *out += ": ";
      Write(item, out);
    }
    *out += '}';
  } else {
    *out += v.ToText();
  }
}

}  // namespace

std::unique_ptr<Home> LuaOnServer(std::shared_ptr<Server> server) {
  return std::make_unique<ServerLua>(std::move(server));
}
std::unique_ptr<Home> NativeOnServer(std::shared_ptr<Server> server) {
  return std::make_unique<ServerNative>(std::move(server));
}
std::unique_ptr<Home> NativeOnEngine() { return std::make_unique<EngineNative>(); }
std::unique_ptr<Home> LuaOnEngine() { return std::make_unique<EngineLua>(); }

std::vector<std::unique_ptr<Home>> AllHomes() {
  std::vector<std::unique_ptr<Home>> homes;
  homes.push_back(LuaOnServer(std::make_shared<Server>()));
  homes.push_back(NativeOnServer(std::make_shared<Server>()));
  homes.push_back(NativeOnEngine());
  homes.push_back(LuaOnEngine());
  return homes;
}

std::string Repr(const Value& value) {
  std::string out;
  Write(value, &out);
  return out;
}

std::string Repr(const Result<Value>& result) {
  return result.ok() ? Repr(*result) : "! " + std::string(result.error().message());
}

void ExpectGolden(const std::string& file, const std::string& text) {
  const std::string path = "tests/script/golden/" + file;
  if (std::getenv("DUALIS_UPDATE_GOLDEN")) {
    std::ofstream(path, std::ios::binary) << text;
    return;
  }
  std::ifstream in(path, std::ios::binary);
  std::stringstream committed;
  committed << in.rdbuf();
  std::istringstream got(text);
  std::string want_line, got_line;
  for (int line = 1;; ++line) {
    const bool more_want = static_cast<bool>(std::getline(committed, want_line));
    const bool more_got = static_cast<bool>(std::getline(got, got_line));
    if (!more_want && !more_got) return;
    ASSERT_TRUE(more_want) << path << ":" << line << ": not in the file: " << got_line;
    ASSERT_TRUE(more_got) << path << ":" << line << ": missing: " << want_line;
    ASSERT_EQ(want_line, got_line) << path << ":" << line;
  }
}

}  // namespace dualis::script
