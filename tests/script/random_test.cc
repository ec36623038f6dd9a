// Random programs: in every home the same result or the same failure, and the same keys afterwards. The seed of a
// program that disagrees is printed; DUALIS_RANDOM_SEED runs that one, DUALIS_RANDOM_PROGRAMS sets how many there are,
// DUALIS_RANDOM_FIRST where they begin; DUALIS_RANDOM_WHY tells why programs fail. A seed makes the same program
// whatever compiler built this: choices are taken from the generator's own numbers, and never in an order that C++
// leaves open.
#include <gtest/gtest.h>

#include <cstdlib>
#include <map>

#include "tests/script/homes.h"

namespace dualis::script {
namespace {

const std::vector<std::string> kKeys = {"string", "list", "hash", "set", "zset"};

// Writes programs that are mostly well typed: each variable keeps the kind it was declared with. Sizes are cut wherever
// something is stored, because loops would double them.
class Writer {
 public:
  explicit Writer(uint32_t seed) : state_(seed * uint64_t{0x9e3779b97f4a7c15} + 1), ctx_("random") {
    for (const std::string& key : kKeys) keys_.push_back(ctx_.add_key(key));
    args_.push_back({ctx_.add_arg("n"), 'n'});
    args_.push_back({ctx_.add_arg("s"), 's'});
    args_.push_back({ctx_.add_arg("l"), 'l'});
  }

  Result<Program> Write() {
    for (int i = Below(4); i > 0; --i) WriteFunction();
    result_ = 'l';
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
  struct Written {
    Function function;
    std::vector<char> parameters;
    char result;
  };

  // xorshift64*: the same everywhere.
  int Below(int n) {
    state_ ^= state_ >> 12;
    state_ ^= state_ << 25;
    state_ ^= state_ >> 27;
    return static_cast<int>((state_ * uint64_t{0x2545f4914f6cdd1d} >> 33) % static_cast<uint64_t>(n));
  }
  bool OneIn(int n) { return Below(n) == 0; }
  char Kind() { return "nnsslbd"[Below(7)]; }
  // The key for a type, by its place in kKeys; seldom one of another type.
  enum Type { kString, kList, kHash, kSet, kZSet };
  const Expr& Key(Type type) { return keys_[OneIn(150) ? static_cast<size_t>(Below(5)) : static_cast<size_t>(type)]; }
  const Expr& AnyKey() { return keys_[static_cast<size_t>(Below(5))]; }

  void Declare(char kind) { locals_.push_back({ctx_.add_local(Stored(kind)), kind}); }

  // A function of one or two parameters, which may call those before it.
  void WriteFunction() {
    std::vector<char> kinds;
    for (int i = 1 + Below(2); i > 0; --i) kinds.push_back(Kind());
    const char result = Kind();
    std::vector<std::string> names;
    for (char kind : kinds) names.push_back(std::string(1, kind));
    std::vector<Variable> outside;
    outside.swap(locals_);
    const Function made = ctx_.function("f" + std::to_string(functions_.size()), names);
    result_ = result;
    made.define([&](const std::vector<Local>& parameters) {
      for (size_t i = 0; i < kinds.size(); ++i) locals_.push_back({parameters[i], kinds[i]});
      Statements(1);
      if (!OneIn(30)) ctx_.return_(Stored(result));
    });
    locals_.swap(outside);
    functions_.push_back({made, kinds, result});
  }

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
    if (OneIn(600)) kind = Kind();  // now and then what does not fit
    if (depth == 0 || OneIn(4)) {
      if (!OneIn(3)) {
        if (auto found = Existing(kind)) return *found;
      }
      return Literal(kind);
    }
    auto sub = [&](char k) { return Make(k, depth - 1); };
    // Several parts, one after the other.
    auto parts = [&](const char* kinds) {
      std::vector<Expr> made;
      for (; *kinds; ++kinds) made.push_back(sub(*kinds));
      return made;
    };
    auto apply = [&](const char* operation, const char* kinds) { return Apply(operation, parts(kinds)); };
    const char two[] = {kind, kind, 0};
    if (OneIn(8)) {
      const Expr condition = sub('b');
      const auto p = parts(two);
      return IfElse(condition, p[0], p[1]);
    }
    if (OneIn(10)) {
      const auto p = parts(two);
      return p[0] || p[1];
    }
    if (OneIn(12)) {
      const auto p = parts(two);
      return p[0] && p[1];
    }
    if (OneIn(12)) {
      const Expr list = sub('l');
      const Expr item = list[Below(3)];
      if (OneIn(8)) return item;
      if (kind == 's') return ToStr(item);
      if (kind == 'n') return Default(ToNum(item), 3);
      if (kind == 'b') return item == 1;
      return kind == 'l' ? ListOf(item) : DictOf({{"i", item}});
    }
    if (OneIn(8)) {
      if (auto call = CallFunction(kind, depth)) return *call;
    }
    switch (kind) {
      case 'n':
        switch (Below(18)) {
          case 0:
            return apply("add", "nn");
          case 1:
            return apply("sub", "nn");
          case 2: {
            const Expr a = sub('n');
            return a * Literal('n');
          }
          case 3:
            return sub('n') / 4;
          case 4:
            return sub('n') % 7;
          case 5:
            return apply("floordiv", "nn");
          case 6:
            return Len(sub(OneIn(2) ? 's' : 'l'));
          case 7:
            return -sub('n');
          case 8:
            return Call("STRLEN", Key(kString));
          case 9: {
            const Expr key = Key(kList);
            const auto p = parts("ns");
            return Call("RPUSH", key, p[0], Slice(p[1], 0, 5));
          }
          case 10: {
            const Expr key = Key(kZSet);
            const auto p = parts("ns");
            return Call("ZADD", key, p[0], Slice(p[1], 0, 5));
          }
          case 11:
            return apply(OneIn(2) ? "min" : "max", "nn");
          case 12:
            return apply(OneIn(2) ? "floor" : "round", "n");
          case 13:
            return Default(apply("find", "ss"), -1);
          case 14:
            return Sum(ListOf(sub('n'), 1, 2.5));
          case 15:
            return Default(ToNum(sub('s')), 0);
          case 16:
            return apply(OneIn(2) ? "ceil" : "abs", "n");
          default: {
            const Expr key = Key(kHash);
            const auto p = parts("sn");
            return Call("HSET", key, Slice(p[0], 0, 5), p[1]);
          }
        }
      case 's':
        switch (Below(13)) {
          case 0: {
            const auto p = parts("sns");
            return Slice(Strs(p[0], p[1], "-", p[2]), 0, 20);
          }
          case 1:
            return Upper(sub('s'));
          case 2:
            return ToStr(sub(Kind()));
          case 3: {
            const auto p = parts("sn");
            return Replace(p[0], "1", IfElse(p[1] % 3 == 0, "x", "yy"));
          }
          case 4: {
            const Expr value = Call("GET", Key(kString));
            return Default(value, sub('s'));
          }
          case 5: {
            const Expr value = Call("LPOP", Key(kList));
            return Default(value, sub('s'));
          }
          case 6:
            return Call("TYPE", AnyKey());
          case 7:
            return Slice(Format("{1}{{{0}}}", sub('n'), "f"), 0, 16);
          case 8:
            return Strip(sub('s'));
          case 9: {
            const auto p = parts("ss");
            return Slice(Join(ListOf(p[0], 2, p[1]), ","), 0, 16);
          }
          case 10:
            return TypeStr(sub(Kind()));
          case 11:
            return Lower(sub('s'));
          default: {
            const Expr text = sub('s');
            const int from = Below(4) - 2;
            return Slice(text, from, Below(6));
          }
        }
      case 'b':
        switch (Below(12)) {
          case 0:
            return apply("lt", "nn");
          case 1:
            return apply("ge", "ss");
          case 2:
            return apply("eq", "ll");
          case 3:
            return !sub(Kind());
          case 4: {
            const Expr list = sub('l');
            return Contains(list, sub(Kind()));
          }
          case 5: {
            const Expr key = Key(kString);
            return RedisVar(key).set(Slice(sub('s'), 0, 8));
          }
          case 6: {
            const Expr key = Key(kSet);
            return RedisSet(key).has(sub('s'));
          }
          case 7:
            return RedisVar(AnyKey()).exists();
          case 8:
            return apply(OneIn(2) ? "starts_with" : "ends_with", "ss");
          case 9:
            return IsList(sub(Kind()));
          case 10:
            return Now() > 1e12;
          default:
            return apply("ne", "dd");
        }
      case 'l':
        switch (Below(13)) {
          case 0: {
            const auto p = parts("nsb");
            return ListOf(p[0], p[1], p[2]);
          }
          case 1: {
            const Expr list = sub('l');
            return Slice(list, Below(3), 4);
          }
          case 2:
            return Reverse(sub('l'));
          case 3:
            return Keys(sub('d'));
          case 4: {
            const auto p = parts("sss");
            return Sort(ListOf(p[0], p[1], p[2]));
          }
          case 5:
            return Slice(Call("LRANGE", Key(kList), 0, 5), 0, 4);
          case 6:
            return Call("ZRANGE", Key(kZSet), 0, 3, "WITHSCORES");
          case 7:
            return Slice(apply("chain", "ll"), 0, 6);
          case 8:
            return Slice(Split(sub('s'), "a"), 0, 4);
          case 9:
            return Items(sub('d'));
          case 10:
            return Values(sub('d'));
          case 11: {
            const Expr key = Key(kZSet);
            return RedisSortedSet(key).scores(Slice(sub('s'), 0, 5), "a");
          }
          default:
            return Call("SMEMBERS", Key(kSet));
        }
      default:
        switch (Below(5)) {
          case 0:
            return Call("HGETALL", Key(kHash));
          case 1: {
            const auto p = parts("sns");
            return DictOf({{p[0], p[1]}, {"k", p[2]}});
          }
          case 2:
            return FromJSON(ToJSON(sub('d')));
          case 3: {
            const auto p = parts("sn");
            return Zip(ListOf(p[0], "z"), ListOf(p[1], 0));
          }
          default: {
            const auto p = parts("nb");
            return DictOf({{p[0], p[1]}});
          }
        }
    }
  }

  // A call of a function that gives the kind, if there is one.
  std::optional<Expr> CallFunction(char kind, int depth) {
    std::vector<const Written*> fit;
    for (const Written& f : functions_) {
      if (f.result == kind) fit.push_back(&f);
    }
    if (fit.empty()) return std::nullopt;
    const Written& chosen = *fit[static_cast<size_t>(Below(static_cast<int>(fit.size())))];
    std::vector<Expr> arguments;
    for (char parameter : chosen.parameters) arguments.push_back(Make(parameter, depth - 1));
    return chosen.function.call(arguments);
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
    if (locals_.empty()) return Declare(Kind());
    const size_t which = static_cast<size_t>(Below(static_cast<int>(locals_.size())));
    const Local variable = locals_[which].formula;
    const char kind = locals_[which].kind;
    switch (depth == 0 ? Below(8) : Below(16)) {
      default:
        return Declare(Kind());
      case 1:
      case 2:
      case 3:
        return variable.assign(Stored(kind));
      case 4:
        if (auto list = Existing('l')) list->append(Stored(OneIn(2) ? 'n' : 's'));
        return;
      case 5:
        if (auto dict = Existing('d')) {
          const Expr key = Slice(Make('s', 1), 0, 3);
          dict->set_key(key, Stored('n'));
        }
        return;
      case 6: {
        const Expr key = Key(kSet);
        return ctx_.add(Call("SADD", key, Slice(Make('s', 2), 0, 6)));
      }
      case 7:
        return ctx_.add(RedisVar(AnyKey()).remove());
      case 13:
        if (auto list = Existing('l')) {
          ctx_.if_(Len(*list) > 2, [&] {
            switch (Below(3)) {
              case 0:
                return list->set_at(Below(4) - 1, Stored('n'));
              case 1:
                return list->insert(Below(3), Stored('s'));
              default:
                return ctx_.add(list->pop(Below(3) - 1));
            }
          });
        }
        return;
      case 14:
        if (auto dict = Existing('d')) dict->remove_key(Slice(Make('s', 1), 0, 3));
        return;
      case 15: {
        const Local turns = ctx_.add_local(Below(4));
        return ctx_.while_(turns > 0, [&] {
          turns -= 1;
          Loop(depth);
        });
      }
      case 8:
      case 9:
        ctx_.if_(Make('b', 3), [&] { Statements(depth - 1); })
            .else_if(Make('b', 2), [&] { Statements(depth - 1); })
            .else_([&] { Statements(depth - 1); });
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
      case 12:
        if (OneIn(6)) ctx_.if_(Make('b', 2), [&] { ctx_.return_(Make(result_, 2)); });
        return;
    }
  }

  void Loop(int depth) {
    Statements(depth - 1);
    if (OneIn(3)) ctx_.if_(Make('b', 2), [&] { ctx_.break_(); });
    if (OneIn(3)) ctx_.if_(Make('b', 2), [&] { ctx_.continue_(); });
  }

  uint64_t state_;
  char result_ = 'l';  // what the function that is being written gives
  FnContext ctx_;
  std::vector<Expr> keys_;
  std::vector<Typed> args_;
  std::vector<Variable> locals_;
  std::vector<Written> functions_;
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
  const char* from = std::getenv("DUALIS_RANDOM_FIRST");
  const uint32_t first = only   ? static_cast<uint32_t>(std::atoi(only))
                         : from ? static_cast<uint32_t>(std::atoi(from))
                                : 1;
  const uint32_t last = only ? first : first - 1 + static_cast<uint32_t>(count ? std::atoi(count) : 250);
  const std::vector<Value> args = {2.5, "text", Value::List({3, "b", true})};
  const Program dump = Dump();
  auto homes = AllHomes();
  int failures = 0, results = 0, skipped = 0;
  std::map<std::string, int> why;
  for (uint32_t seed = first; seed <= last; ++seed) {
    const Result<Program> program = Writer(seed).Write();
    if (!program.ok()) {
      ++skipped;  // what can only fail is refused; that is another test
      const Bytes text = program.error().message();
      ++why[std::string(text.substr(text.rfind(": ")))];
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
        if (got[0] == '!') ++why[got.substr(0, 60)];
      }
      ASSERT_EQ(got, want) << "seed " << seed << ", " << home->name() << "\n" << program->ToText();
      ASSERT_EQ(keys, want_keys) << "seed " << seed << ", " << home->name() << "\n" << program->ToText();
    }
    const Result<Program> again = Program::FromJson(program->ToJson());
    ASSERT_TRUE(again.ok()) << "seed " << seed << ": " << again.error().message();
    ASSERT_EQ(again->hash(), program->hash()) << "seed " << seed;
  }
  if (std::getenv("DUALIS_RANDOM_WHY")) {
    for (const auto& [text, count] : why) std::printf("%6d %s\n", count, text.c_str());
  }
  std::printf("%d results, %d failures, %d refused\n", results, failures, skipped);
  if (!only) {
    EXPECT_GT(results, failures / 4);
  }
}

}  // namespace
}  // namespace dualis::script
