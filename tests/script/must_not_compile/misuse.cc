// Each CASE is a mistake that C++ must refuse; without one the file must compile.
#include "dualis/commands/lists.h"
#include "dualis/commands/strings.h"
#include "dualis/script.h"
#include "dualis/script_commands.h"
#include "dualis/script_function.h"

namespace dualis::script {

void Use(FnContext& ctx, [[maybe_unused]] const External& slug) {
  [[maybe_unused]] const Expr argument = ctx.add_arg("argument");
  [[maybe_unused]] const Function twice = ctx.function("twice", {"x"});
  const Expr key = ctx.add_key("key");
  const Local local = ctx.add_local(1);
  const bool flag = true;
  (void)flag;
#if CASE == 0  // the control: what resembles the mistakes and is right
  ctx.if_(local > 1 && key != "", [] {});
  local.assign(local + 1);
  ctx.add(RedisVar(key).set(local));
  local += 1 - local;
  ctx.if_(!(local < 2) || In(1, ListOf(1, local)), [&] { local.assign(-local); });
  ctx.for_(ListOf(1), [](const Local&) {});
  twice.define([](const Local& x) { return 2 * x; });
  local.assign(twice(local));
  ctx.add(ctx.call(cmd::Set{.key = Sym(key), .value = Sym(local)}));
  ctx.add(ctx.call(cmd::LRange{.key = Sym(key), .start = Sym(local), .stop = -1}));
  local.assign(slug("title"));
#elif CASE == 1  // a formula as a C++ condition
  if (local > 1) ctx.return_(1);
#elif CASE == 2  // a formula beside a C++ bool
  ctx.if_(local > 1 && flag, [] {});
#elif CASE == 3
  ctx.if_(flag || local > 1, [] {});
#elif CASE == 4  // assigning to a key
  key.assign(1);
#elif CASE == 5  // = would only rename the variable
  Local other = local;
  other = local + 1;
#elif CASE == 6
  Local other = local;
  other = local;
#elif CASE == 7   // a formula that is dropped (an error with -Werror)
  RedisVar(key).set(local);
#elif CASE == 8   // a C++ loop over a formula
  while (local > 1) {
  }
#elif CASE == 9   // a value that scripts do not have
  ctx.return_(&ctx);
#elif CASE == 10  // C++'s choice between formulas
  ctx.return_(local > 1 ? 1 : 2);
#elif CASE == 11
  ctx.if_(local > 1 || flag, [] {});
#elif CASE == 12
  ctx.if_(flag && local > 1, [] {});
#elif CASE == 13  // assigning to an argument
  argument.assign(1);
#elif CASE == 14
  argument += 1;
#elif CASE == 15  // a formula is no C++ number
  int number = local;
#elif CASE == 16  // a C++ loop over a formula's items
  for (const Local& item : local) ctx.add(RedisVar(key).set(item));
#elif CASE == 17  // a body that takes no formulas
  ctx.while_(local > 1, [](int) {});
#elif CASE == 18  // a function's call as a C++ condition
  if (twice(local)) ctx.return_(1);
#elif CASE == 19  // a call of a function that is dropped (an error with -Werror)
  twice(local);
#elif CASE == 20  // parameters are Locals
  twice.define([](int x) { return x; });
#elif CASE == 21  // and cannot be renamed
  twice.define([](Local& x) { return x; });
#elif CASE == 22
  local.assign(twice(&ctx));
#elif CASE == 23  // what a function's body gives is a formula
  twice.define([&](const Local&) { return &ctx; });
#elif CASE == 24  // a function is no value
  local.assign(twice);
#elif CASE == 25  // a formula in a command's field needs Sym
  ctx.add(ctx.call(cmd::Get{.key = key}));
#elif CASE == 26  // which is always written
  const Sym symbol = key;
#elif CASE == 27  // a symbol as a C++ condition
  if (Sym(local)) ctx.return_(1);
#elif CASE == 28  // an option is there or not when the script is written
  ctx.add(ctx.call(cmd::Set{.key = Sym(key), .value = "v", .get = Sym(local)}));
#elif CASE == 29  // a symbol is no formula
  ctx.return_(Sym(local));
#elif CASE == 30  // a command that is dropped
  ctx.call(cmd::Get{.key = Sym(key)});
#elif CASE == 31  // fields that the command does not have
  ctx.add(ctx.call(cmd::Get{.key = Sym(key), .value = "v"}));
#elif CASE == 32  // a call of one's own function that is dropped
  slug("title");
#elif CASE == 33
  ctx.return_(slug(&ctx));
#endif
}

}  // namespace dualis::script
