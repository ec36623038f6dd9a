// Random programs: in every home the same result or the same failure, and the same keys afterwards. The seed of a
// program that disagrees is printed; DUALIS_RANDOM_SEED runs that one, DUALIS_RANDOM_PROGRAMS sets how many there are.
#include <gtest/gtest.h>

#include <cstdlib>
#include <random>

#include "tests/script/homes.h"

namespace dualis::script {
namespace {

const std::vector<std::string> kKeys = {"string", "list", "hash", "set", "zset"};

// Writes programs that are mostly well typed: each variable keeps the kind it was declared with. Sizes are cut wherever
// something is stored, because loops would double them.
class Writer {
 public:
  explicit Writer(uint32_t seed) : random_(seed), ctx_("random") {
    for (const std::string& key : kKeys) keys_.push_back(ctx_.add_key(key));
    args_.push_back({ctx_.add_arg("n"), 'n'});
    args_.push_back({ctx_.add_arg("s"), 's'});
    args_.push_back({ctx_.add_arg("l"), 'l'});
  }

  Result<Program> Write() {
    for (char kind : {'n', 's', 'l', 'd', 'b'}) Declare(kind);
    Statements(3);
    std::vector<Expr> all;
    for (const Variable& v : locals_) all.push_back(v.formula);
    ctx_.return_(Apply("list", all));
    return ctx_.Build();
  }

 private:
  struct Typed {
    Expr formula;
    char kind;
  };
  struct Variable {
    Local formula;
    char kind;
  };

  int Below(int n) { return static_cast<int>(random_() % static_cast<uint32_t>(n)); }
  bool OneIn(int n) { return Below(n) == 0; }
  char Kind() { return "nnsslbd"[Below(7)]; }
  // The key for a type, by its place in kKeys; seldom one of another type.
  enum Type { kString, kList, kHash, kSet, kZSet };
  const Expr& Key(Type type) { return keys_[OneIn(40) ? static_cast<size_t>(Below(5)) : static_cast<size_t>(type)]; }
  const Expr& AnyKey() { return keys_[static_cast<size_t>(Below(5))]; }

  void Declare(char kind) { locals_.push_back({ctx_.add_local(Stored(kind)), kind}); }

  // A formula fit for a variable.
  Expr Stored(char kind) {
    Expr f = Make(kind, 3);
    if (kind == 's') return Slice(ToStr(f), 0, 12);
    if (kind == 'l' || kind == 'd') return Copy(f);
    return f;
  }

  // Something that exists and has that kind, if there is any.
  std::optional<Expr> Existing(char kind) {
    std::vector<Expr> found;
    for (const auto& v : locals_) {
      if (v.kind == kind) found.push_back(v.formula);
    }
    for (const auto& v : args_) {
      if (v.kind == kind) found.push_back(v.formula);
    }
    if (found.empty()) return std::nullopt;
    return found[static_cast<size_t>(Below(static_cast<int>(found.size())))];
  }

  Expr Make(char kind, int depth) {
    if (OneIn(200)) kind = Kind();  // now and then what does not fit
    if (depth == 0 || OneIn(4)) {
      if (!OneIn(3)) {
        if (auto found = Existing(kind)) return *found;
      }
      return Literal(kind);
    }
    auto sub = [&](char k) { return Make(k, depth - 1); };
    if (OneIn(8)) return IfElse(sub('b'), sub(kind), sub(kind));
    if (OneIn(10)) return sub(kind) || sub(kind);
    if (OneIn(12)) return sub(kind) && sub(kind);
    if (OneIn(12)) return sub('l')[Below(3)];
    switch (kind) {
      case 'n':
        switch (Below(12)) {
          case 0:
            return sub('n') + sub('n');
          case 1:
            return sub('n') - sub('n');
          case 2:
            return sub('n') * Literal('n');
          case 3:
            return sub('n') / 4;
          case 4:
            return sub('n') % 7;
          case 5:
            return FloorDiv(sub('n'), sub('n'));
          case 6:
            return Len(sub(OneIn(2) ? 's' : 'l'));
          case 7:
            return -sub('n');
          case 8:
            return Call("STRLEN", Key(kString));
          case 9:
            return Call("RPUSH", Key(kList), sub('n'), Slice(sub('s'), 0, 5));
          case 10:
            return Call("ZADD", Key(kZSet), sub('n'), Slice(sub('s'), 0, 5));
          default:
            return Call("HSET", Key(kHash), Slice(sub('s'), 0, 5), sub('n'));
        }
      case 's':
        switch (Below(8)) {
          case 0:
            return Slice(Strs(sub('s'), sub('n'), "-", sub('s')), 0, 20);
          case 1:
            return Upper(sub('s'));
          case 2:
            return ToStr(sub(Kind()));
          case 3:
            return Replace(sub('s'), "1", sub('n') % 3 == 0 || Expr("x"));
          case 4:
            return Apply("default", {Call("GET", Key(kString)), sub('s')});
          case 5:
            return Apply("default", {Call("LPOP", Key(kList)), sub('s')});
          case 6:
            return Call("TYPE", AnyKey());
          default:
            return Slice(sub('s'), Below(4) - 2, Below(6));
        }
      case 'b':
        switch (Below(9)) {
          case 0:
            return sub('n') < sub('n');
          case 1:
            return sub('s') >= sub('s');
          case 2:
            return sub('l') == sub('l');
          case 3:
            return !sub(Kind());
          case 4:
            return Contains(sub('l'), sub(Kind()));
          case 5:
            return RedisVar(Key(kString)).set(Slice(sub('s'), 0, 8));
          case 6:
            return RedisSet(Key(kSet)).has(sub('s'));
          case 7:
            return RedisVar(AnyKey()).exists();
          default:
            return sub('d') != sub('d');
        }
      case 'l':
        switch (Below(8)) {
          case 0:
            return ListOf(sub('n'), sub('s'), sub('b'));
          case 1:
            return Slice(sub('l'), Below(3), 4);
          case 2:
            return Reverse(sub('l'));
          case 3:
            return Keys(sub('d'));
          case 4:
            return Sort(ListOf(sub('s'), sub('s'), sub('s')));
          case 5:
            return Slice(Call("LRANGE", Key(kList), 0, 5), 0, 4);
          case 6:
            return Call("ZRANGE", Key(kZSet), 0, 3, "WITHSCORES");
          default:
            return Call("SMEMBERS", Key(kSet));
        }
      default:
        switch (Below(4)) {
          case 0:
            return Call("HGETALL", Key(kHash));
          case 1:
            return DictOf({{sub('s'), sub('n')}, {"k", sub('s')}});
          case 2:
            return FromJSON(ToJSON(sub('d')));
          default:
            return DictOf({{sub('n'), sub('b')}});
        }
    }
  }

  Expr Literal(char kind) {
    static const double kNumbers[] = {0, 1, -1, 2, 3.5, -0.25, 10, 1e6};
    static const char* const kTexts[] = {"", "a", "B", "10", "x y", "\xff\"", "7.5"};
    switch (kind) {
      case 'n':
        return kNumbers[Below(8)];
      case 's':
        return kTexts[Below(7)];
      case 'b':
        return Expr(Value(OneIn(2)));
      case 'l':
        return Value::List({1, "a", Value()});
      default:
        return Value::Dict({{"k", 1}});
    }
  }

  void Statements(int depth) {
    const size_t outer = locals_.size();
    for (int i = Below(4) + 2; i > 0; --i) Statement(depth);
    while (locals_.size() > outer) locals_.pop_back();
  }

  void Statement(int depth) {
    const size_t which = static_cast<size_t>(Below(static_cast<int>(locals_.size())));
    const Local variable = locals_[which].formula;
    const char kind = locals_[which].kind;
    switch (depth == 0 ? Below(8) : Below(13)) {
      case 0:
        return Declare(Kind());
      case 1:
      case 2:
      case 3:
        return variable.assign(Stored(kind));
      case 4:
        if (auto list = Existing('l')) list->append(Stored(OneIn(2) ? 'n' : 's'));
        return;
      case 5:
        if (auto dict = Existing('d')) dict->set_key(Slice(Make('s', 1), 0, 3), Stored('n'));
        return;
      case 6:
        return ctx_.add(Call("SADD", Key(kSet), Slice(Make('s', 2), 0, 6)));
      case 7:
        return ctx_.add(RedisVar(AnyKey()).remove());
      case 8:
      case 9:
        ctx_.if_(Make('b', 3), [&] { Statements(depth - 1); }).else_([&] { Statements(depth - 1); });
        return;
      case 10:
        return ctx_.for_range(0, Below(4), [&](const Local& i) {
          locals_.push_back({i, 'n'});
          Loop(depth);
          locals_.pop_back();
        });
      case 11:
        return ctx_.for_(Slice(Make('l', 2), 0, 4), [&](const Local& item) {
          ctx_.if_(item == 1, [&] { ctx_.continue_(); });
          locals_.push_back({ctx_.add_local(ToStr(item)), 's'});
          Loop(depth);
          locals_.pop_back();
        });
      default:
        if (OneIn(6)) ctx_.if_(Make('b', 2), [&] { ctx_.return_(Make(Kind(), 2)); });
        return;
    }
  }

  void Loop(int depth) {
    Statements(depth - 1);
    if (OneIn(3)) ctx_.if_(Make('b', 2), [&] { ctx_.break_(); });
    if (OneIn(3)) ctx_.if_(Make('b', 2), [&] { ctx_.continue_(); });
  }

  std::mt19937 random_;
  FnContext ctx_;
  std::vector<Expr> keys_;
  std::vector<Typed> args_;
  std::vector<Variable> locals_;
};

// What the keys hold, told by a script.
Program Dump() {
  FnContext ctx("dump");
  const Local out = ctx.add_local(DictOf({}));
  for (const std::string& name : kKeys) {
    const Expr key = ctx.add_key(name);
    const Local type = ctx.add_local(Call("TYPE", key));
    ctx.if_(type == "string", [&] { out.set_key(name, Call("GET", key)); })
        .else_if(type == "list", [&] { out.set_key(name, Call("LRANGE", key, 0, -1)); })
        .else_if(type == "hash", [&] { out.set_key(name, Call("HGETALL", key)); })
        .else_if(type == "set", [&] { out.set_key(name, Call("SMEMBERS", key)); })
        .else_if(type == "zset", [&] { out.set_key(name, Call("ZRANGE", key, 0, -1, "WITHSCORES")); });
  }
  ctx.return_(out);
  return ctx.Build().value();
}

TEST(Random, ProgramsMeanTheSameEverywhere) {
  const char* count = std::getenv("DUALIS_RANDOM_PROGRAMS");
  const char* only = std::getenv("DUALIS_RANDOM_SEED");
  const uint32_t first = only ? static_cast<uint32_t>(std::atoi(only)) : 1;
  const uint32_t last = only ? first : static_cast<uint32_t>(count ? std::atoi(count) : 250);
  const std::vector<Value> args = {2.5, "text", Value::List({3, "b", true})};
  const Program dump = Dump();
  auto homes = AllHomes();
  int failures = 0, results = 0, skipped = 0;
  for (uint32_t seed = first; seed <= last; ++seed) {
    const Result<Program> program = Writer(seed).Write();
    if (!program.ok()) {
      ++skipped;  // what can only fail is refused; that is another test
      continue;
    }
    if (only) std::printf("%s\n%s\n", program->ToText().c_str(), CompileLua(*program).source.c_str());
    std::string want, want_keys;
    for (const auto& home : homes) {
      if (!home->Has(*program) || !home->Has(dump)) continue;
      home->Do({"FLUSHALL"});
      const std::string got = Repr(home->Run(*program, kKeys, args));
      const std::string keys = Repr(home->Run(dump, kKeys, {}));
      if (want.empty()) {
        want = got;
        want_keys = keys;
        ++(got[0] == '!' ? failures : results);
      }
      ASSERT_EQ(got, want) << "seed " << seed << ", " << home->name() << "\n" << program->ToText();
      ASSERT_EQ(keys, want_keys) << "seed " << seed << ", " << home->name() << "\n" << program->ToText();
    }
    const Result<Program> again = Program::FromJson(program->ToJson());
    ASSERT_TRUE(again.ok()) << "seed " << seed << ": " << again.error().message();
    ASSERT_EQ(again->hash(), program->hash()) << "seed " << seed;
  }
  std::printf("%d results, %d failures, %d refused\n", results, failures, skipped);
  if (!only) {
    EXPECT_GT(results, failures / 4);
  }
}

}  // namespace
}  // namespace dualis::script
