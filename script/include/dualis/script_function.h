// Functions of your own for scripts: pairs of bodies, C++ for the embedded engine and Lua for a server, that mean the
// same.
//
//   const script::External slug = script::RegisterFunction({
//       .name = "acme.slug",
//       .arguments = "s n?",                       // kinds, as in SEMANTICS.md
//       .result = "s",
//       .native = [](std::span<const script::Value> a) -> Result<script::Value> { return MakeSlug(a[0].bytes()); },
//       .lua = "function(text) return (string.gsub(string.lower(text), '[^a-z0-9]+', '-')) end",
//       .rows = {{{"Hello World"}, "hello-world"}, {{""}, ""}},
//   }).value();
//   ctx.return_(slug(ctx.add_arg("title")));
//
// A function is pure: what it gives depends on its arguments alone, and it changes none of them. Kinds of arguments and
// result are checked around both bodies, with one text. In Lua a value is None, a boolean, a number, a string, a list
// {first, second, ..., n = length} or a dict {d = {key = value}, c = count}; fail("ERR why") ends the script.
#ifndef DUALIS_SCRIPT_FUNCTION_H_
#define DUALIS_SCRIPT_FUNCTION_H_

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "dualis/script.h"

namespace dualis::script {

namespace ir {
struct Extern;
}

// Where a function has a body.
enum class FunctionHomes : uint8_t { kBoth, kNativeOnly, kLuaOnly };

struct ExternalFunction {
  // What it does with some arguments: both bodies must agree with it.
  struct Row {
    std::vector<Value> arguments;
    Value want;
    std::string error = {};  // the whole text, instead of `want`
  };

  std::string name;       // letters, digits, '_' and '.'
  std::string arguments;  // at most four, those with '?' may be left out
  std::string result;
  std::function<Result<Value>(std::span<const Value>)> native = {};
  std::string lua = {};  // "function(a, b) ... end"
  FunctionHomes homes = FunctionHomes::kBoth;
  std::vector<Row> rows = {};
};

// A function that was registered. Cheap to copy; programs that use it keep it alive.
class External {
 public:
  template <class... T>
  requires(std::is_constructible_v<Expr, const T&>&&...) Expr operator()(const T&... arguments) const {
    return call({Expr(arguments)...});
  }
  Expr call(const std::vector<Expr>& arguments) const;

  Bytes name() const;
  // Runs each row as a script by way of `run`, in the home that this stands for. The first that disagrees as text, or
  // nothing. A test calls it for each home in which the function is used.
  std::string Disagreement(const std::function<Result<Value>(const Program&, std::span<const Value>)>& run) const;

  explicit External(std::shared_ptr<const ir::Extern> data) : data_(std::move(data)) {}
  const std::shared_ptr<const ir::Extern>& data() const { return data_; }

 private:
  std::shared_ptr<const ir::Extern> data_;
};

// Refused are a function with one body that is not marked for that home, one for both homes without a row, one whose
// C++ body disagrees with a row, and names or kinds that cannot be.
Result<External> RegisterFunction(ExternalFunction function);

// As Program::FromJson, for a program that uses these functions. They are found by their names.
Result<Program> LoadProgram(Bytes json, std::span<const External> functions);

}  // namespace dualis::script

#endif  // DUALIS_SCRIPT_FUNCTION_H_
