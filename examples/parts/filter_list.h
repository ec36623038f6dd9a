// A script: splits a list of numbers by a threshold into two lists, as one atomic step, in either home.
#ifndef EXAMPLES_PARTS_FILTER_LIST_H_
#define EXAMPLES_PARTS_FILTER_LIST_H_

#include "dualis/client.h"
#include "dualis/script.h"

namespace examples {

// Keys: input (emptied), left (below the threshold), right (the others). Argument: threshold. Returns how many went
// left.
inline dualis::Result<dualis::Script> FilterList(const dualis::Client& client) {
  using namespace dualis::script;
  FnContext ctx("filter_list");
  RedisList input(ctx.add_key("input"));
  RedisList left(ctx.add_key("left"));
  RedisList right(ctx.add_key("right"));
  Expr threshold = ctx.add_arg("threshold");

  Local below = ctx.add_local(0, "below");
  Local item = ctx.add_local(input.lpop(), "item");
  ctx.while_(item != None, [&] {
    ctx.if_(ToNum(item) < threshold,
            [&] {
              ctx.add(left.rpush(item));
              below += 1;
            })
        .else_([&] { ctx.add(right.rpush(item)); });
    item.assign(input.lpop());
  });
  ctx.return_(below);
  return client.register_script(ctx);
}

}  // namespace examples

#endif  // EXAMPLES_PARTS_FILTER_LIST_H_
