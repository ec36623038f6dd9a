// Writing a script: a C++ function that says, step by step, what shall run inside the store, as one atomic turn.
//
//   script::FnContext ctx("filter_list");
//   script::RedisList inp(ctx.add_key("inp")), left(ctx.add_key("left")), right(ctx.add_key("right"));
//   script::Expr cmp = ctx.add_arg("cmp");
//   script::Local res = ctx.add_local(script::ToNum(cmp)), cur = ctx.add_local(script::ToNum(inp.lpop()));
//   ctx.while_(cur != script::None, [&] {
//     ctx.if_(cur < res, [&] { ctx.add(left.rpush(cur)); })
//        .else_([&] { ctx.add(right.rpush(cur)); });
//     cur.assign(script::ToNum(inp.lpop()));
//   });
//   Result<script::Program> program = ctx.Build();
//
// An Expr is a formula, not a value: it is evaluated where it is placed (in add, add_local, assign, a condition, ...),
// each time that place is reached. A command (inp.lpop()) may be placed only once, so that nobody runs it twice by
// naming it twice; keep its result in a local. C++ branches cannot depend on an Expr: `if (expr)` does not compile.
//
// Mistakes that C++ cannot refuse (a variable outside its block, an Expr of another FnContext, a command that was never
// placed) are kept and reported by Build(), with the place in the C++ source. One thread builds one FnContext.
#ifndef DUALIS_SCRIPT_H_
#define DUALIS_SCRIPT_H_

#include <chrono>
#include <concepts>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "dualis/command.h"
#include "dualis/result.h"
#include "dualis/script_program.h"
#include "dualis/script_value.h"

namespace dualis::script {

class FnContext;
class Function;
class Local;

namespace ir {
struct Node;
using NodePtr = std::shared_ptr<const Node>;
}  // namespace ir
namespace build {
class State;
struct Origin;
}  // namespace build

// Where in the C++ sources a statement was written: as a default argument, the place of the call.
struct Place {
  const char* file = "";
  int line = 0;
  static constexpr Place Here(const char* file = __builtin_FILE(), int line = __builtin_LINE()) { return {file, line}; }
};

// A formula over keys, arguments, locals, literals and commands. Cheap to copy.
class [[nodiscard]] Expr {
 public:
  // A literal: what converts to a Value (None, bool, numbers, strings, lists and dicts of literals).
  template <class T>
  requires(std::is_constructible_v<Value, const T&> && !std::is_base_of_v<Expr, T> && !std::is_pointer_v<T>)
      Expr(const T& literal)
      : Expr(Value(literal)) {}                         // NOLINT(google-explicit-constructor)
  Expr(const char* text) : Expr(Value(Bytes(text))) {}  // NOLINT(google-explicit-constructor)
  Expr(Value literal);                                  // NOLINT(google-explicit-constructor)

  // A script's condition is not a C++ condition: use ctx.if_ and ctx.while_.
  explicit operator bool() const = delete;

  // The item of a list (0-based, negative from the end), the entry of a dict, a byte of bytes; None if there is none.
  Expr operator[](const Expr& index) const;
  Expr get_key(const Expr& key) const { return (*this)[key]; }
  // Items of a list, entries of a dict, bytes of bytes.
  Expr len() const;
  // From an index up to, not including, another: of a list or of bytes.
  Expr slice(const Expr& from) const;
  Expr slice(const Expr& from, const Expr& to) const;

  // Statements that change the list or dict that this names; they run where they are written.
  // Replaces an item; index len() appends, beyond is an error.
  void set_at(const Expr& index, const Expr& value, Place where = Place::Here()) const;
  void set_key(const Expr& key, const Expr& value, Place where = Place::Here()) const;
  void remove_key(const Expr& key, Place where = Place::Here()) const;
  void append(const Expr& value, Place where = Place::Here()) const;
  void insert(const Expr& index, const Expr& value, Place where = Place::Here()) const;
  // Removes and gives an item, the last by default; None if there is none. To be placed once, like a command.
  Expr pop(const Expr& index = -1) const;

  // Redipy's names of the operators.
  Expr eq_(const Expr& o) const;
  Expr ne_(const Expr& o) const;
  Expr lt_(const Expr& o) const;
  Expr le_(const Expr& o) const;
  Expr gt_(const Expr& o) const;
  Expr ge_(const Expr& o) const;
  Expr and_(const Expr& o) const;
  Expr or_(const Expr& o) const;
  Expr not_() const;

  explicit Expr(ir::NodePtr node) : node_(std::move(node)) {}
  const ir::NodePtr& node() const { return node_; }

 private:
  ir::NodePtr node_;
};

// The literal None.
struct NoneLiteral {
  operator Expr() const { return Expr(Value()); }  // NOLINT(google-explicit-constructor)
};
inline constexpr NoneLiteral None;

// Numbers only; / is exact division, FloorDiv and % round towards minus infinity. A zero divisor is an error.
Expr operator+(const Expr& a, const Expr& b);
Expr operator-(const Expr& a, const Expr& b);
Expr operator*(const Expr& a, const Expr& b);
Expr operator/(const Expr& a, const Expr& b);
Expr operator%(const Expr& a, const Expr& b);
Expr FloorDiv(const Expr& a, const Expr& b);
Expr operator-(const Expr& a);
// By kind and content, deep.
Expr operator==(const Expr& a, const Expr& b);
Expr operator!=(const Expr& a, const Expr& b);
// Two numbers, or two bytes (by their bytes).
Expr operator<(const Expr& a, const Expr& b);
Expr operator<=(const Expr& a, const Expr& b);
Expr operator>(const Expr& a, const Expr& b);
Expr operator>=(const Expr& a, const Expr& b);
// They give one of their operands and evaluate the right one only if it decides.
Expr operator&&(const Expr& a, const Expr& b);
Expr operator||(const Expr& a, const Expr& b);
Expr operator!(const Expr& a);
// A C++ bool beside a formula is a mistake in almost every case.
template <std::same_as<bool> B>
Expr operator&&(const Expr&, B) = delete;
template <std::same_as<bool> B>
Expr operator&&(B, const Expr&) = delete;
template <std::same_as<bool> B>
Expr operator||(const Expr&, B) = delete;
template <std::same_as<bool> B>
Expr operator||(B, const Expr&) = delete;
// Beside a literal C++ would as well take both sides for conditions of its own.
template <class T>
concept Literal = std::is_constructible_v<Expr, const T&> && !std::is_base_of_v<Expr, T> && !std::same_as<T, bool>;
template <Literal T>
Expr operator&&(const Expr& a, const T& b) {
  return a && Expr(b);
}
template <Literal T>
Expr operator&&(const T& a, const Expr& b) {
  return Expr(a) && b;
}
template <Literal T>
Expr operator||(const Expr& a, const T& b) {
  return a || Expr(b);
}
template <Literal T>
Expr operator||(const T& a, const Expr& b) {
  return Expr(a) || b;
}
// `then` or `otherwise`; only the chosen one is evaluated.
Expr IfElse(const Expr& condition, const Expr& then, const Expr& otherwise);

// Any operation of script/semantics/ops.def by its name.
Expr Apply(Bytes operation, std::vector<Expr> operands);

// The functions. script/SEMANTICS.md says what each one does.
template <class... T>
Expr Strs(const T&... parts) {
  return Apply("concat", {Expr(parts)...});
}
inline Expr ToNum(const Expr& x) { return Apply("to_num", {x}); }
inline Expr ToStr(const Expr& x) { return Apply("to_str", {x}); }
inline Expr ToIntStr(const Expr& x) { return Apply("to_int_str", {x}); }
inline Expr ToBool(const Expr& x) { return Apply("truth", {x}); }
inline Expr TypeStr(const Expr& x) { return Apply("type", {x}); }
inline Expr ToJSON(const Expr& x) { return Apply("to_json", {x}); }
inline Expr FromJSON(const Expr& x) { return Apply("from_json", {x}); }
inline Expr Floor(const Expr& x) { return Apply("floor", {x}); }
inline Expr Ceil(const Expr& x) { return Apply("ceil", {x}); }
inline Expr Round(const Expr& x) { return Apply("round", {x}); }
inline Expr Abs(const Expr& x) { return Apply("abs", {x}); }
inline Expr Min(const Expr& a, const Expr& b) { return Apply("min", {a, b}); }
inline Expr Max(const Expr& a, const Expr& b) { return Apply("max", {a, b}); }
inline Expr Len(const Expr& x) { return Apply("len", {x}); }
inline Expr Find(const Expr& text, const Expr& part) { return Apply("find", {text, part}); }
inline Expr Find(const Expr& text, const Expr& part, const Expr& start) { return Apply("find", {text, part, start}); }
inline Expr Slice(const Expr& x, const Expr& from) { return Apply("slice", {x, from}); }
inline Expr Slice(const Expr& x, const Expr& from, const Expr& to) { return Apply("slice", {x, from, to}); }
inline Expr Split(const Expr& text, const Expr& separator) { return Apply("split", {text, separator}); }
inline Expr Join(const Expr& list, const Expr& separator) { return Apply("join", {list, separator}); }
inline Expr Replace(const Expr& text, const Expr& what, const Expr& with) {
  return Apply("replace", {text, what, with});
}
inline Expr Upper(const Expr& text) { return Apply("upper", {text}); }
inline Expr Lower(const Expr& text) { return Apply("lower", {text}); }
inline Expr Strip(const Expr& text) { return Apply("strip", {text}); }
// Format("{} of {}", done, all): each {} replaced by the text of the next argument, {0} by that of the first.
template <class... T>
Expr Format(const Expr& text, const T&... items) {
  return Apply("format", {text, Apply("list", {Expr(items)...})});
}
inline Expr StartsWith(const Expr& text, const Expr& part) { return Apply("starts_with", {text, part}); }
inline Expr EndsWith(const Expr& text, const Expr& part) { return Apply("ends_with", {text, part}); }
inline Expr Contains(const Expr& container, const Expr& x) { return Apply("contains", {container, x}); }
// As `x in container` of Python.
inline Expr In(const Expr& x, const Expr& container) { return Apply("contains", {container, x}); }
// The value, or `fallback` if it is None.
inline Expr Default(const Expr& x, const Expr& fallback) { return Apply("default", {x, fallback}); }
// Tests of kinds.
inline Expr IsNone(const Expr& x) { return x == Value(); }
inline Expr IsBool(const Expr& x) { return TypeStr(x) == "bool"; }
inline Expr IsNumber(const Expr& x) { return TypeStr(x) == "number"; }
inline Expr IsBytes(const Expr& x) { return TypeStr(x) == "bytes"; }
inline Expr IsList(const Expr& x) { return TypeStr(x) == "list"; }
inline Expr IsDict(const Expr& x) { return TypeStr(x) == "dict"; }
// Milliseconds since 1970, as the store sees it; the same in the whole run.
inline Expr Now() { return Apply("now", {}); }
inline Expr Keys(const Expr& dict) { return Apply("keys", {dict}); }
inline Expr Values(const Expr& dict) { return Apply("values", {dict}); }
inline Expr Items(const Expr& dict) { return Apply("items", {dict}); }
inline Expr Sum(const Expr& list) { return Apply("sum", {list}); }
inline Expr Sort(const Expr& list) { return Apply("sort", {list}); }
inline Expr Reverse(const Expr& list) { return Apply("reverse", {list}); }
// A new list: the items of both.
inline Expr Chain(const Expr& a, const Expr& b) { return Apply("chain", {a, b}); }
inline Expr Copy(const Expr& x) { return Apply("copy", {x}); }
// A new list, a new dict, each time it is evaluated.
template <class... T>
Expr ListOf(const T&... items) {
  return Apply("list", {Expr(items)...});
}
Expr DictOf(std::initializer_list<std::pair<Expr, Expr>> entries);
// Fields and values side by side: the dict of two lists of one length.
inline Expr Zip(const Expr& keys, const Expr& values) { return Apply("zip", {keys, values}); }

// As a word of a command: the items of a list, or key, value, key, value ... of a dict, as so many words.
Expr Spread(const Expr& container);

// The name of a command, and where it was written.
struct CommandName {
  Bytes name;
  Place where;
  CommandName(const char* n, Place w = Place::Here()) : name(n), where(w) {}         // NOLINT
  CommandName(const std::string& n, Place w = Place::Here()) : name(n), where(w) {}  // NOLINT
};
Expr CallWords(CommandName command, std::vector<Expr> words);
// Any command that Redis allows in scripts. The reply is adapted by the command's type (SEMANTICS.md, "Replies"); an
// error reply ends the script with it. Option words that change the type of a reply (WITHSCORES) must be literals.
template <class... T>
Expr Call(CommandName command, const T&... words) {
  return CallWords(command, {Expr(words)...});
}

// A formula, and where it was written: what operators take, which have no default arguments.
struct Placed {
  Expr expr;
  Place where;
  template <class T>
  requires(std::is_constructible_v<Expr, const T&>) Placed(const T& x, Place w = Place::Here())
      : expr(x), where(w) {}  // NOLINT(google-explicit-constructor)
};

// A variable of a script. A Local is a name: copies name the same variable.
class Local : public Expr {
 public:
  Local(const Local&) = default;
  // `x = y` in C++ would only rename; use x.assign(y).
  Local& operator=(const Local&) = delete;

  // Statements; they run where they are written.
  void assign(const Expr& value, Place where = Place::Here()) const;
  void operator+=(const Placed& value) const { assign(*this + value.expr, value.where); }
  void operator-=(const Placed& value) const { assign(*this - value.expr, value.where); }

  // As x = x + value, and so on.
  void operator*=(const Placed& value) const { assign(*this * value.expr, value.where); }
  void operator/=(const Placed& value) const { assign(*this / value.expr, value.where); }
  void operator%=(const Placed& value) const { assign(*this % value.expr, value.where); }

 private:
  friend class FnContext;
  friend class Function;
  explicit Local(ir::NodePtr node) : Expr(std::move(node)) {}
};

using Body = std::function<void()>;

// A function inside of a script. A call is a formula, to be placed once like a command: it may do anything. Arguments
// are passed as by assign: lists and dicts are the same ones inside and outside. A function that ends without return_
// gives None. It sees its parameters, the script's keys and arguments, and its own variables, not those of who calls
// it.
//
//   const script::Function power = ctx.function("power", {"base", "n"});
//   power.define([&](const script::Local& base, const script::Local& n) {
//     ctx.if_(n == 0, [&] { ctx.return_(1); });
//     return base * power(base, n - 1);
//   });
//   ctx.return_(power(2, 10));
//
// Functions may call each other and themselves, some hundred calls deep; then the script fails.
class Function {
 public:
  Expr operator()(Place where = Place::Here()) const { return call({}, where); }
  Expr operator()(const Expr& a, Place where = Place::Here()) const { return call({a}, where); }
  Expr operator()(const Expr& a, const Expr& b, Place where = Place::Here()) const { return call({a, b}, where); }
  Expr operator()(const Expr& a, const Expr& b, const Expr& c, Place where = Place::Here()) const {
    return call({a, b, c}, where);
  }
  Expr operator()(const Expr& a, const Expr& b, const Expr& c, const Expr& d, Place where = Place::Here()) const {
    return call({a, b, c, d}, where);
  }
  // Any number of arguments.
  Expr call(const std::vector<Expr>& arguments, Place where = Place::Here()) const;

  // Writes the body, once: called at once with the parameters, one Local each, or with a vector of them. What it gives,
  // if it gives something, is what the function returns at its end.
  template <class F>
  void define(F&& body, Place where = Place::Here()) const {
    if constexpr (std::is_invocable_v<F&, const std::vector<Local>&>) {
      Define(
          SIZE_MAX, [&](const std::vector<Local>& p) { Give([&] { return body(p); }, where); }, where);
    } else {
      constexpr size_t kCount = Arity<F>(std::index_sequence<>());
      static_assert(kCount != SIZE_MAX, "the body of a function takes a Local for each parameter, at most 16");
      Define(
          kCount, [&](const std::vector<Local>& p) { Apply(body, p, std::make_index_sequence<kCount>(), where); },
          where);
    }
  }

 private:
  friend class FnContext;
  Function(FnContext* ctx, std::shared_ptr<build::Origin> origin, uint32_t index)
      : ctx_(ctx), origin_(std::move(origin)), index_(index) {}

  template <size_t>
  using One = const Local&;
  template <class F, size_t... i>
  static constexpr size_t Arity(std::index_sequence<i...>) {
    if constexpr (std::is_invocable_v<F&, One<i>...>) {
      return sizeof...(i);
    } else if constexpr (sizeof...(i) == 16) {
      return SIZE_MAX;
    } else {
      return Arity<F>(std::make_index_sequence<sizeof...(i) + 1>());
    }
  }
  template <class F, size_t... i>
  void Apply(F& body, const std::vector<Local>& p, std::index_sequence<i...>, Place where) const {
    Give([&] { return body(p[i]...); }, where);
  }
  template <class F>
  void Give(F body, Place where) const {
    if constexpr (std::is_void_v<decltype(body())>) {
      body();
    } else {
      Return(body(), where);
    }
  }
  void Define(size_t parameters, const std::function<void(const std::vector<Local>&)>& body, Place where) const;
  void Return(const Expr& value, Place where) const;

  FnContext* ctx_;
  std::shared_ptr<build::Origin> origin_;
  uint32_t index_;
};

// What follows an if_: any number of else_if, then perhaps else_.
class IfChain {
 public:
  IfChain& else_if(const Expr& condition, const Body& body, Place where = Place::Here());
  void else_(const Body& body);

 private:
  friend class FnContext;
  IfChain(FnContext* ctx, size_t statement) : ctx_(ctx), statement_(statement) {}
  FnContext* ctx_;
  size_t statement_;  // number of the statement in its FnContext
};

// A script under construction: a root block, and inside the bodies of if_, while_ and for_ the block that is being
// written. Bodies are called once, at once.
class FnContext {
 public:
  explicit FnContext(Bytes name = "script");
  ~FnContext();
  FnContext(const FnContext&) = delete;
  FnContext& operator=(const FnContext&) = delete;

  // Declares the next key, the next argument. Names are distinct among keys, and among arguments.
  Expr add_key(Bytes name, Place where = Place::Here());
  Expr add_arg(Bytes name, Place where = Place::Here());
  // A variable, valid to the end of the current block. `name` is for readers of the generated code.
  Local add_local(const Expr& init, Bytes name = "", Place where = Place::Here());

  // Declares a function, to be given its body by define(); or declares and defines it.
  Function function(Bytes name, const std::vector<std::string>& parameters, Place where = Place::Here());
  template <class F>
  requires(!std::is_convertible_v<F, Place>) Function
      function(Bytes name, const std::vector<std::string>& parameters, F&& body, Place where = Place::Here()) {
    Function made = function(name, parameters, where);
    made.define(body, where);
    return made;
  }

  // Evaluates an expression for its effect.
  void add(const Expr& effect, Place where = Place::Here());

  IfChain if_(const Expr& condition, const Body& then, Place where = Place::Here());
  void while_(const Expr& condition, const Body& body, Place where = Place::Here());
  // Over the items of a list: body(value) or body(index, value). The length is taken anew before each step.
  template <class F>
  void for_(const Expr& list, F&& body, Place where = Place::Here()) {
    if constexpr (std::is_invocable_v<F&, Local, Local>) {
      ForList(list, body, where);
    } else {
      ForList(
          list, [&body](const Local&, const Local& value) { body(value); }, where);
    }
  }
  // body(i) for i = from, from + 1, ... below to. Both are numbers and are evaluated once.
  void for_range(const Expr& from, const Expr& to, const std::function<void(Local)>& body, Place where = Place::Here());
  // Leave, or go on with, the innermost loop.
  void break_(Place where = Place::Here());
  void continue_(Place where = Place::Here());
  // Ends the script, or inside of a function's body that function. A script that runs to its end returns None.
  void return_(const Expr& value = Value(), Place where = Place::Here());
  // Ends the script with an error reply: "CODE text".
  void error(const Expr& text, Place where = Place::Here());
  // level: "debug", "verbose", "notice" or "warning". To the server's log, or RunOptions::log.
  void log(const Expr& level, const Expr& text, Place where = Place::Here());

  // As the free function, spelled where the statements are.
  template <class... T>
  Expr call(CommandName command, const T&... words) {
    return Call(command, words...);
  }

  // A command given by its struct, checked by the compiler. Fields that are formulas are written as Sym(formula)
  // (dualis/script_commands.h); all others are literals of the script.
  template <class C>
  requires requires { C::kInfo; }
  Expr call(const C& command, Place where = Place::Here()) const { return CallCommand(Command(command), where); }

  // True if nothing was added yet.
  bool is_empty() const;
  // The script; or the first mistake, with its place. The context can be built further and again.
  Result<Program> Build() const;

 private:
  friend class Function;
  friend class IfChain;
  Expr CallCommand(const Command& command, Place where) const;
  void ForList(const Expr& list, const std::function<void(Local, Local)>& body, Place where);
  std::unique_ptr<build::State> state_;
};

}  // namespace dualis::script

#include "dualis/script_objects.h"  // RedisVar, RedisList ...: needs what stands above

#endif  // DUALIS_SCRIPT_H_
