// Commands of scripts by their structs, with formulas in their fields:
//
//   using namespace dualis;
//   const script::Expr key = ctx.add_key("scores"), by = ctx.add_arg("by"), who = ctx.add_arg("who");
//   ctx.add(ctx.call(cmd::ZAdd{.key = script::Sym(key), .members = {{script::Sym(by), script::Sym(who)}}, .if_greater =
//   true}));
//
// The struct is encoded by its Syntax, as for a server; where a field was Sym(formula), the formula becomes the word.
// So every command that there is, with all of its options, can be called with arguments that the compiler checks, and
// nothing is written for any of them.
#ifndef DUALIS_SCRIPT_COMMANDS_H_
#define DUALIS_SCRIPT_COMMANDS_H_

#include "dualis/script.h"
#include "dualis/syntax.h"

namespace dualis::script {

// Stands for a formula in a field of a command struct: a key, bytes, a 64-bit number, a real number, or one that is
// read late. It is valid as long as the formula's FnContext, and means the formula only in ctx.call of that FnContext.
class Sym {
 public:
  // Throws std::logic_error for a formula of literals alone, which needs no symbol.
  explicit Sym(const Expr& formula);

  Bytes bytes() const { return text_; }
  Key key() const { return Key(text_); }
  int64_t integer() const { return integer_; }
  double real() const { return real_; }

  operator Bytes() const { return bytes(); }   // NOLINT(google-explicit-constructor)
  operator Key() const { return key(); }       // NOLINT(google-explicit-constructor)
  operator Arg() const { return Arg(text_); }  // NOLINT(google-explicit-constructor)
  operator double() const { return real(); }   // NOLINT(google-explicit-constructor)
  template <std::integral T>
  requires(sizeof(T) == sizeof(int64_t)) operator T() const {  // NOLINT(google-explicit-constructor)
    return static_cast<T>(integer_);
  }
  template <class T>
  operator Late<T>() const {  // NOLINT(google-explicit-constructor)
    return Late<T>::FromWord(Arg(text_));
  }
  operator bool() const = delete;

 private:
  Bytes text_;
  int64_t integer_;
  double real_;
};

}  // namespace dualis::script

#endif  // DUALIS_SCRIPT_COMMANDS_H_
