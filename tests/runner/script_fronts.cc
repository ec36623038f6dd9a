#include "tests/runner/script_fronts.h"

#include <cstdio>
#include <optional>
#include <stdexcept>

#include "dualis/script.h"
#include "engine/core/number_text.h"
#include "script/semantics/adapt.h"

namespace dualis::cases {
namespace {

using Kind = ReplyTree::Kind;
using script::Value;

std::string Upper(std::string_view word) {
  std::string upper(word);
  for (char& c : upper) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
  }
  return upper;
}

// return redis.call(words...), or why that is no script.
Result<script::Program> Build(const std::vector<std::string>& words) {
  script::FnContext ctx;
  std::vector<script::Expr> exprs;
  for (size_t i = 1; i < words.size(); ++i) exprs.emplace_back(Value(Bytes(words[i])));
  ctx.return_(script::CallWords(Upper(words[0]), std::move(exprs)));
  return ctx.Build();
}

// The same with about half of the words as arguments, some of them as numbers: which, follows from the words. Those
// that decide what becomes of the reply stay where they are.
struct WithArguments {
  explicit WithArguments(const std::vector<std::string>& words) {
    const std::string name = Upper(words[0]);
    std::vector<Bytes> literals(words.begin() + 1, words.end());
    const auto adapt = [&] { return script::AdaptOf(name, literals.size(), [&](size_t i) { return literals[i]; }); };
    const script::Adapt wanted = adapt();
    uint64_t luck = 1469598103934665603u;
    script::FnContext ctx;
    std::vector<script::Expr> exprs;
    for (size_t i = 0; i < literals.size(); ++i) {
      for (char c : words[i + 1]) luck = (luck ^ static_cast<uint8_t>(c)) * 1099511628211u;
      const Bytes word = std::exchange(literals[i], Bytes());
      if ((luck >> 40 & 1) == 0 || adapt() != wanted) {
        exprs.emplace_back(Value(literals[i] = word));
        continue;
      }
      const auto number = ParseInt64(word);
      const bool as_number = number && *number<script::kTooLarge&& * number> - script::kTooLarge;
      args.push_back(as_number && (luck >> 50 & 1) != 0 ? Value(*number) : Value(word));
      exprs.push_back(ctx.add_arg("a" + std::to_string(i)));
    }
    ctx.return_(script::CallWords(name, std::move(exprs)));
    program = ctx.Build();
  }

  std::vector<Value> args;
  Result<script::Program> program = Error(ErrorCode::kErr, "ERR no program");
};

ReplyTree TreeOf(const Value& value) {
  switch (value.kind()) {
    case Value::Kind::kNone:
      return ReplyTree::Of(Kind::kNull);
    case Value::Kind::kBool:
      return ReplyTree::Bool(value.boolean());
    case Value::Kind::kNumber: {
      char text[40];
      std::snprintf(text, sizeof text, "%.17g", value.number());
      return ReplyTree::Double(text);
    }
    case Value::Kind::kBytes:
      return ReplyTree::Bulk(value.bytes());
    case Value::Kind::kList: {
      ReplyTree list = ReplyTree::Of(Kind::kArray);
      for (const Value& item : value.items()) list.children.push_back(TreeOf(item));
      return list;
    }
    case Value::Kind::kDict: {
      ReplyTree dict = ReplyTree::Of(Kind::kMap);
      for (const auto& [key, item] : value.entries()) {
        dict.children.push_back(ReplyTree::Bulk(key));
        dict.children.push_back(TreeOf(item));
      }
      return dict;
    }
  }
  return ReplyTree::Error("a value of unknown kind");
}

ReplyTree TreeOf(const Result<Value>& result) {
  return result ? TreeOf(*result) : ReplyTree::Error(result.error().message());
}

// The reply as both executors see it before they adapt it; nothing if it holds what no Value can.
std::optional<Value> RawOf(const ReplyTree& reply) {
  switch (reply.kind) {
    case Kind::kInteger:
      return Value(reply.integer);
    case Kind::kBulk:
    case Kind::kStatus:
      return Value(Bytes(reply.text));
    case Kind::kNull:
    case Kind::kNullArray:
      return Value::None();
    case Kind::kArray: {
      Value::Items items;
      for (const ReplyTree& child : reply.children) {
        auto item = RawOf(child);
        if (!item) return std::nullopt;
        items.push_back(*std::move(item));
      }
      return Value::List(std::move(items));
    }
    default:
      return std::nullopt;
  }
}

bool TooLarge(const ReplyTree& reply) {
  if (reply.kind == Kind::kInteger && (reply.integer >= script::kTooLarge || reply.integer <= -script::kTooLarge)) {
    return true;
  }
  for (const ReplyTree& child : reply.children) {
    if (TooLarge(child)) return true;
  }
  return false;
}

class NativeLink : public Link {
 public:
  explicit NativeLink(const Home& home) : session_(home.engine->Connect()) {}

  void Send(const std::vector<std::string>& words) override {
    waiting_ = true;
    const WithArguments script(words);
    if (!script.program) {
      reply_ = ReplyTree::Error("BUILD " + std::string(script.program.error().message()));
      return;
    }
    const script::NativeScript native(*script.program, &session_->engine().commands());
    Result<Value> result;
    const Error error = session_->InTurn([&](Exec& exec) {
      result = native.Run(exec, {}, script.args);
      return Error();
    });
    reply_ = error ? ReplyTree::Error(error.message()) : TreeOf(result);
  }

  bool Next(ReplyTree* out) override {
    if (!std::exchange(waiting_, false)) return false;
    *out = std::move(reply_);
    return true;
  }

  bool closed() const override { return false; }

 private:
  std::unique_ptr<Session> session_;
  ReplyTree reply_;
  bool waiting_ = false;
};

}  // namespace

std::unique_ptr<Link> MakeNativeScriptLink(const Home& home, int) { return std::make_unique<NativeLink>(home); }

std::optional<LeftOut> ScriptRefuses(const Case& c) {
  const Needs needs = NeedsOf(c);
  if (needs.script || needs.no_script) return LeftOut::kScript;
  if (needs.transaction) return LeftOut::kTransaction;
  if (needs.pubsub) return LeftOut::kPubSub;
  if (needs.blocking) return LeftOut::kBlocking;
  if (needs.connection) return LeftOut::kConnection;
  return std::nullopt;
}

ReplyTree ScriptNarrow(const std::vector<std::string>& words, ReplyTree expected) {
  if (TooLarge(expected)) return ReplyTree::Error(script::kTooLargeText);
  if (expected.kind == Kind::kError) {
    // What cannot even be written as a script, or is refused by redis.call, is told in other words.
    if (expected.text.find("ERR wrong number of arguments") == 0 || expected.text.find("ERR unknown") == 0) {
      return {Kind::kAnyOf, Kind::kError};
    }
    return expected;
  }
  const auto raw = RawOf(expected);
  if (!raw) return ReplyTree::Of(Kind::kAny);
  const script::Adapt adapt =
      script::AdaptOf(Upper(words[0]), words.size() - 1, [&](size_t i) { return Bytes(words[i + 1]); });
  return TreeOf(script::AdaptReply(adapt, *raw));
}

std::optional<LeftOut> ScriptLuaFront::Refuses(const Case& c) const {
  if (auto reason = ScriptRefuses(c)) return reason;
  return inner().Refuses(c);
}

ReplyTree ScriptLuaFront::Execute(int connection, const std::vector<std::string>& words) {
  const Result<script::Program> program = Build(words);
  if (!program) return ReplyTree::Error("BUILD " + std::string(program.error().message()));
  const script::LuaScript lua = script::CompileLua(*program);
  const ReplyTree reply = inner().Execute(connection, {"EVAL", lua.source, "0"});
  if (reply.kind == Kind::kError) {
    return ReplyTree::Error(script::NormalizeError(lua, Error::FromReply(reply.text)).message());
  }
  if (reply.kind != Kind::kBulk) return ReplyTree::Error("MALFORMED: a script's reply that is no bulk");
  return TreeOf(script::DecodeResult(reply.text));
}

}  // namespace dualis::cases
