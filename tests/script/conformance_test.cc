// Every operation of ops.def on all tuples of representative values (tuples of three are sampled), with operands that
// are known when the script is compiled and with operands that are not, in every home: all equal to one committed
// table.
#include <gtest/gtest.h>

#include <map>

#include "script/semantics/op.h"
#include "tests/script/homes.h"

namespace dualis::script {
namespace {

std::vector<Value> Representatives() {
  return {
      Value(),
      true,
      false,
      0,
      1,
      -1,
      2.5,
      12345678901234567890.0,
      "",
      "a",
      "3",
      Bytes("B\xff\0\n", 4),
      Value::List(),
      Value::List({1, "a", Value()}),
      Value::List({3, 1, 2}),
      Value::Dict(),
      Value::Dict({{"a", 1}, {"b", Value::List({2})}}),
  };
}

// Calls `run` with each tuple of `n` indices below `values`; of tuples of three only some.
void ForEachTuple(size_t n, size_t values, const std::function<void(const std::vector<size_t>&)>& run) {
  size_t all = 1;
  for (size_t i = 0; i < n; ++i) all *= values;
  // A step that is prime to the number of tuples visits varied ones.
  const size_t step = n < 3 ? 1 : 41;
  for (size_t at = 0; at < all; at += step) {
    std::vector<size_t> tuple;
    for (size_t i = 0, rest = at; i < n; ++i, rest /= values) tuple.push_back(rest % values);
    run(tuple);
  }
}

using Formula = std::function<Expr(const std::vector<Expr>&)>;

// Everything with a meaning of its own: the operations by their names, and the forms.
struct Subject {
  std::string name;
  size_t least, most;
  Formula formula;
};

std::vector<Subject> Subjects() {
  std::vector<Subject> subjects;
  for (int i = 0; i < static_cast<int>(Op::kCount); ++i) {
    const OpInfo& info = InfoOf(static_cast<Op>(i));
    if (info.op == Op::kNow) continue;  // needs a clock, and gives another value each time
    const std::string name(info.name);
    const size_t most = info.max_args == SIZE_MAX ? 2 : info.max_args;
    subjects.push_back({name, std::min(info.min_args, most), most,
                        [name](const std::vector<Expr>& operands) { return Apply(name, operands); }});
  }
  subjects.push_back({"and", 2, 2, [](const std::vector<Expr>& o) { return o[0] && o[1]; }});
  subjects.push_back({"or", 2, 2, [](const std::vector<Expr>& o) { return o[0] || o[1]; }});
  subjects.push_back({"if_else", 3, 3, [](const std::vector<Expr>& o) { return IfElse(o[0], o[1], o[2]); }});
  return subjects;
}

// A script that gives the result and the first operand, which the operation may have changed.
Result<Program> WithArgs(const Subject& subject, size_t n) {
  FnContext ctx(subject.name);
  std::vector<Expr> operands;
  for (size_t i = 0; i < n; ++i) operands.push_back(ctx.add_arg("x" + std::to_string(i)));
  const Local result = ctx.add_local(subject.formula(operands));
  ctx.return_(n > 0 ? ListOf(result, operands[0]) : ListOf(result, None));
  return ctx.Build();
}

// The same over literals; refused by Build if the kinds can never fit.
Result<Program> WithLiterals(const Subject& subject, const std::vector<Value>& values) {
  FnContext ctx(subject.name);
  const Local first = ctx.add_local(values.empty() ? Value() : values[0]);
  std::vector<Expr> operands;
  for (const Value& v : values) operands.emplace_back(v);
  if (!values.empty()) operands[0] = first;
  const Local result = ctx.add_local(subject.formula(operands));
  ctx.return_(ListOf(result, first));
  return ctx.Build();
}

class NoCommands : public CommandCaller {
  Error Call(Args, ReplySink&) override { return Error(ErrorCode::kErr, "ERR no commands here"); }
};

Result<Value> RunNatively(const Program& program, const std::vector<Value>& args) {
  NoCommands none;
  return NativeScript(program).Run(none, {}, args);
}

TEST(Conformance, EveryOperationInEveryHome) {
  const std::vector<Value> values = Representatives();
  const auto lua = LuaOnServer(std::make_shared<Server>());
  const auto embedded = LuaOnEngine();
  std::string table;
  int compared = 0, refused = 0;
  for (const Subject& subject : Subjects()) {
    // Failures are listed once each, with their number.
    std::map<std::string, int> failures;
    for (size_t n = subject.least; n <= subject.most; ++n) {
      const Result<Program> program = WithArgs(subject, n);
      ASSERT_TRUE(program.ok()) << program.error().message();
      const bool has_embedded = embedded->Has(*program);
      ForEachTuple(n, values.size(), [&](const std::vector<size_t>& tuple) {
        std::vector<Value> args;
        std::string call = subject.name + "(";
        for (size_t i : tuple) {
          args.push_back(values[i]);
          call += (call.back() == '(' ? "" : ", ") + Repr(values[i]);
        }
        call += ")";
        const std::string native = Repr(RunNatively(*program, args));
        ASSERT_EQ(native, Repr(lua->Run(*program, {}, args))) << call;
        if (has_embedded) {
          ASSERT_EQ(native, Repr(embedded->Run(*program, {}, args))) << call << " on the engine";
        }
        ++compared;
        // Every third with literals, which takes other paths through both compilers.
        if (const Result<Program> fixed = WithLiterals(subject, args); !fixed.ok()) {
          ++refused;
          ASSERT_TRUE(native.starts_with("! ")) << call << " was refused: " << fixed.error().message();
        } else if (compared % 3 == 0 || n < 2) {
          ASSERT_EQ(native, Repr(RunNatively(*fixed, {}))) << call << " over literals";
          ASSERT_EQ(native, Repr(lua->Run(*fixed, {}, {}))) << call << " over literals\n" << CompileLua(*fixed).source;
        }
        if (native.starts_with("! ")) {
          ++failures[native];
        } else {
          table += call + " -> " + native + "\n";
        }
      });
      if (::testing::Test::HasFatalFailure()) return;
    }
    for (const auto& [failure, count] : failures) {
      table += subject.name + ": " + std::to_string(count) + " times " + failure.substr(2) + "\n";
    }
  }
  EXPECT_GT(compared, 5000);
  EXPECT_GT(refused, 500);
  ExpectGolden("operations.txt", table);
}

}  // namespace
}  // namespace dualis::script
