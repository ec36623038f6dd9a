// Functions that users bring: checked when they are registered.
#include <algorithm>

#include "dualis/script_function.h"
#include "script/build/state.h"

namespace dualis::script {
namespace {

// Reads the columns of the definition into info. False if they make no sense.
bool ReadKinds(const ExternalFunction& f, OpInfo* info) {
  constexpr Bytes kLetters = "zbnslda";
  bool optional = false;
  for (size_t at = 0; at < f.arguments.size();) {
    const size_t end = std::min(f.arguments.find(' ', at), f.arguments.size());
    Bytes word = Bytes(f.arguments).substr(at, end - at);
    at = end + 1;
    if (word.ends_with('?')) {
      optional = true;
      word.remove_suffix(1);
    } else if (optional) {
      return false;
    } else {
      ++info->min_args;
    }
    if (word.empty() || word.find_first_not_of(kLetters) != Bytes::npos || info->max_args == kMaxParams) return false;
    info->params[info->max_args++] = KindsOf(word);
  }
  info->result = KindsOf(f.result);
  return !f.result.empty() && f.result.find_first_not_of(kLetters) == std::string::npos;
}

Error Refuse(const ExternalFunction& f, const std::string& why) {
  return Error(ErrorCode::kUsage, "ERR script function '" + f.name + "': " + why);
}

std::string Written(const Result<Value>& result) {
  return result.ok() ? result->ToText() : std::string(result.error().message());
}

bool Agrees(const ExternalFunction::Row& row, const Result<Value>& result) {
  return result.ok() ? row.error.empty() && *result == row.want : result.error().message() == row.error;
}

std::string Disagrees(const ExternalFunction::Row& row, const Result<Value>& result) {
  return Value::List(row.arguments).ToText() + " gives " + Written(result) + ", not " +
         (row.error.empty() ? row.want.ToText() : row.error);
}

}  // namespace

Expr External::call(const std::vector<Expr>& arguments) const {
  ir::Node node{ir::NodeKind::kExternal};
  node.external = data_;
  for (const Expr& argument : arguments) node.args.push_back(argument.node());
  return Expr(ir::MakeNode(std::move(node)));
}

Bytes External::name() const { return data_->info.name; }

std::string External::Disagreement(
    const std::function<Result<Value>(const Program&, std::span<const Value>)>& run) const {
  for (const ExternalFunction::Row& row : data_->function.rows) {
    FnContext ctx(name());
    std::vector<Expr> arguments;
    for (size_t i = 0; i < row.arguments.size(); ++i) arguments.push_back(ctx.add_arg("x" + std::to_string(i)));
    ctx.return_(call(arguments));
    const Result<Program> program = ctx.Build();
    if (!program) return std::string(program.error().message());
    const Result<Value> result = run(*program, row.arguments);
    if (!Agrees(row, result)) return Disagrees(row, result);
  }
  return "";
}

Result<External> RegisterFunction(ExternalFunction function) {
  auto data = std::make_shared<ir::Extern>();
  data->function = std::move(function);
  const ExternalFunction& f = data->function;
  const bool named = !f.name.empty() && f.name.size() <= 64 && std::all_of(f.name.begin(), f.name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
  });
  if (!named) return Refuse(f, "a name has letters, digits, '_' and '.'");
  data->info.name = f.name;
  if (!ReadKinds(f, &data->info)) return Refuse(f, "kinds are one group of the letters zbnslda for each argument");
  if (f.homes != FunctionHomes::kLuaOnly && !f.native)
    return Refuse(f, "has no body in C++, and is not marked for Lua only");
  if (f.homes != FunctionHomes::kNativeOnly && f.lua.empty()) {
    return Refuse(f, "has no body in Lua, and is not marked for the engine only");
  }
  if (f.homes == FunctionHomes::kNativeOnly && !f.lua.empty())
    return Refuse(f, "has a body in Lua, but is not for Lua");
  if (f.homes == FunctionHomes::kLuaOnly && f.native) return Refuse(f, "has a body in C++, but is for Lua only");
  if (f.homes == FunctionHomes::kBoth && f.rows.empty())
    return Refuse(f, "has two bodies and no row that both agree with");
  for (const ExternalFunction::Row& row : f.rows) {
    if (row.arguments.size() < data->info.min_args || row.arguments.size() > data->info.max_args) {
      return Refuse(f, "a row has the wrong number of arguments");
    }
    if (!f.native) continue;
    std::vector<Value> arguments = row.arguments;
    const Result<Value> result = ir::RunExternal(*data, arguments);
    if (!Agrees(row, result)) return Refuse(f, Disagrees(row, result));
  }
  return External(std::move(data));
}

Result<Program> LoadProgram(Bytes json, std::span<const External> functions) {
  std::vector<std::shared_ptr<const ir::Extern>> known;
  for (const External& f : functions) known.push_back(f.data());
  auto data = ir::LoadJson(json, known);
  if (!data) return data.error();
  return Program(*data);
}

}  // namespace dualis::script
