// Functions that users bring: both bodies, the checks around them, and what is refused.
#include "dualis/script_function.h"

#include "tests/script/every_home.h"

namespace dualis::script {
namespace {

ExternalFunction Slug() {
  return {.name = "acme.slug",
          .arguments = "s s?",
          .result = "s",
          .native = [](std::span<const Value> a) -> Result<Value> {
            std::string out;
            for (char c : a[0].bytes()) {
              const bool letter = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
              if (letter) {
                out += c;
              } else if (out.empty() || out.back() != '-') {
                out += '-';
              }
            }
            if (a.size() > 1 && out.size() > 20) return Error(ErrorCode::kErr, "ERR acme.slug: too long");
            return Value(a.size() > 1 ? std::string(a[1].bytes()) + out : out);
          },
          .lua = R"(function(text, prefix)
  local out = string.gsub(text, "[^a-z0-9]+", "-")
  if prefix and #out > 20 then fail("ERR acme.slug: too long") end
  return (prefix or "") .. out
end)",
          .rows = {{{"hello world"}, "hello-world"},
                   {{"a  b", "x"}, "xa-b"},
                   {{""}, ""},
                   {{"123456789012345678901", "x"}, {}, "ERR acme.slug: too long"}}};
}

ExternalFunction Range() {
  return {.name = "range",
          .arguments = "n",
          .result = "l",
          .native = [](std::span<const Value> a) -> Result<Value> {
            Value::Items items;
            for (int i = 0; i < a[0].number(); ++i) items.emplace_back(i);
            return Value::List(std::move(items));
          },
          .lua =
              "function(n) local list = {n = 0} while list.n < n do list.n = list.n + 1 list[list.n] = list.n - 1 end "
              "return list end",
          .rows = {{{3}, Value::List({0, 1, 2})}, {{0}, Value::List()}}};
}

using Externals = EveryHome;

TEST_F(Externals, MeanTheSameEverywhere) {
  const External slug = RegisterFunction(Slug()).value(), range = RegisterFunction(Range()).value();
  for (const External& f : {slug, range}) {
    for (const auto& home : homes_) {
      EXPECT_EQ(f.Disagreement([&](const Program& program, std::span<const Value> args) {
        return home->Run(program, {}, {args.begin(), args.end()});
      }),
                "")
          << f.name() << ", " << home->name();
    }
  }
  FnContext ctx;
  const Expr title = ctx.add_arg("title");
  const Function twice = ctx.function("twice", {"x"}, [&](const Local& x) { return ListOf(slug(x), slug(x, "p-")); });
  const Local out = ctx.add_local(twice(title));
  ctx.for_(range(2), [&](const Local& i) { out.append(i); });
  ctx.return_(out);
  ExpectEverywhere("[\"a-b\", \"p-a-b\", 0, 1]", ctx, {"a b"});
  ExpectEverywhere("! ERR acme.slug: argument 1 must be bytes, not number", ctx, {1});

  const Program program = ctx.Build().value();
  EXPECT_FALSE(Program::FromJson(program.ToJson()).ok());
  const Result<Program> again = LoadProgram(program.ToJson(), std::vector<External>{slug, range});
  ASSERT_TRUE(again.ok()) << again.error().message();
  EXPECT_EQ(again->hash(), program.hash());
  EXPECT_NE(program.ToText().find("acme.slug(x, \"p-\")"), std::string::npos) << program.ToText();
}

TEST_F(Externals, AreCheckedAroundTheirBodies) {
  ExternalFunction liar = Range();
  liar.native = [](std::span<const Value>) -> Result<Value> { return Value(1); };
  liar.lua = "function() return 1 end";
  liar.rows = {{{1}, {}, "ERR range: must give list, not number"}};
  const External wrong = RegisterFunction(liar).value();
  FnContext ctx;
  ctx.return_(wrong(1));
  ExpectEverywhere("! ERR range: must give list, not number", ctx);

  FnContext count;
  count.return_(wrong(1, 2));
  EXPECT_NE(count.Build().error().message().find("range cannot have 2 arguments"), Bytes::npos);
  FnContext kinds;
  kinds.return_(wrong("x"));
  EXPECT_NE(kinds.Build().error().message().find("range: argument 1 must be number, not bytes"), Bytes::npos);

  ExternalFunction engine = Range();
  engine.homes = FunctionHomes::kNativeOnly;
  engine.lua.clear();
  const External native = RegisterFunction(engine).value();
  FnContext only;
  only.return_(native(2));
  const Program program = only.Build().value();
  for (const auto& home : homes_) {
    const bool lua = home->name().starts_with("Lua");
    EXPECT_EQ(Repr(home->Run(program, {}, {})), lua ? "! ERR range: has no body in Lua" : "[0, 1]") << home->name();
  }
}

TEST(ExternalMistakes, AreRefused) {
  auto refusal = [](ExternalFunction f) {
    const Result<External> made = RegisterFunction(std::move(f));
    return made.ok() ? "none" : std::string(made.error().message());
  };
  ExternalFunction f = Range();
  f.lua.clear();
  EXPECT_EQ(refusal(f), "ERR script function 'range': has no body in Lua, and is not marked for the engine only");
  f = Range();
  f.native = nullptr;
  EXPECT_EQ(refusal(f), "ERR script function 'range': has no body in C++, and is not marked for Lua only");
  f.homes = FunctionHomes::kLuaOnly;
  EXPECT_EQ(refusal(f), "none");
  f = Range();
  f.rows.clear();
  EXPECT_EQ(refusal(f), "ERR script function 'range': has two bodies and no row that both agree with");
  f = Range();
  f.rows.push_back({{1}, Value::List({7})});
  EXPECT_EQ(refusal(f), "ERR script function 'range': [1] gives [0], not [7]");
  f = Range();
  f.name = "no good";
  EXPECT_EQ(refusal(f), "ERR script function 'no good': a name has letters, digits, '_' and '.'");
  f = Range();
  f.arguments = "n? n";
  EXPECT_NE(refusal(f), "none");
  f = Range();
  f.result = "q";
  EXPECT_NE(refusal(f), "none");
}

}  // namespace
}  // namespace dualis::script
