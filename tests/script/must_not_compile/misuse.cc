// Each CASE is a mistake that C++ must refuse; without one the file must compile.
#include "dualis/script.h"

namespace dualis::script {

void Use(FnContext& ctx) {
  const Expr key = ctx.add_key("key");
  const Local local = ctx.add_local(1);
  const bool flag = true;
  (void)flag;
#if CASE == 0  // the control: what resembles the mistakes and is right
  ctx.if_(local > 1 && key != "", [] {});
  local.assign(local + 1);
  ctx.add(RedisVar(key).set(local));
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
#elif CASE == 7  // a formula that is dropped (an error with -Werror)
  RedisVar(key).set(local);
#elif CASE == 8  // a C++ loop over a formula
  while (local > 1) {
  }
#elif CASE == 9  // a value that scripts do not have
  ctx.return_(&ctx);
#elif CASE == 10  // C++'s choice between formulas
  ctx.return_(local > 1 ? 1 : 2);
#endif
}

}  // namespace dualis::script
