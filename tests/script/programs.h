// Scripts that people have written: redipy's examples, as programs.
#ifndef DUALIS_TESTS_SCRIPT_PROGRAMS_H_
#define DUALIS_TESTS_SCRIPT_PROGRAMS_H_

#include "dualis/script.h"

namespace dualis::script {

// Splits the list `inp` at the number `cmp` into `left` and `right`.
inline Program FilterList() {
  FnContext ctx("filter_list");
  const RedisList inp(ctx.add_key("inp")), left(ctx.add_key("left")), right(ctx.add_key("right"));
  const Expr cmp = ctx.add_arg("cmp");
  const Local cur = ctx.add_local(inp.lpop(), "cur");
  ctx.while_(cur != None, [&] {
    ctx.if_(ToNum(cur) < ToNum(cmp), [&] { ctx.add(left.rpush(cur)); }).else_([&] { ctx.add(right.rpush(cur)); });
    cur.assign(inp.lpop());
  });
  return ctx.Build().value();
}

// The dictionary stack: frames BASE:frame:N of fields, the number of the top one in BASE:size.
struct StackKeys {
  explicit StackKeys(FnContext& ctx) : size(ctx.add_key("size")), frames(ctx.add_key("frames")) {}
  RedisHash Frame(const Expr& number) const { return RedisHash(Strs(frames, ":", number)); }
  Expr Top() const { return ToNum(size.get(0)); }

  RedisVar size;
  Expr frames;
};

inline Program StackSet() {
  FnContext ctx("stack_set");
  const StackKeys stack(ctx);
  const Expr field = ctx.add_arg("field"), value = ctx.add_arg("value");
  ctx.add(stack.Frame(stack.Top()).hset({{field, value}}));
  return ctx.Build().value();
}

inline Program StackGet() {
  FnContext ctx("stack_get");
  const StackKeys stack(ctx);
  const Expr field = ctx.add_arg("field");
  ctx.return_(stack.Frame(stack.Top()).hget(field));
  return ctx.Build().value();
}

// Looks downwards from the top until the field is found.
inline Program StackGetCascading() {
  FnContext ctx("stack_get_cascading");
  const StackKeys stack(ctx);
  const Expr field = ctx.add_arg("field");
  const Local pos = ctx.add_local(stack.Top(), "pos");
  const Local res = ctx.add_local(None, "res");
  ctx.while_(res == None && pos >= 0, [&] {
    res.assign(stack.Frame(pos).hget(field));
    pos -= 1;
  });
  ctx.return_(res);
  return ctx.Build().value();
}

inline Program StackPop() {
  FnContext ctx("stack_pop");
  const StackKeys stack(ctx);
  const Local pos = ctx.add_local(stack.Top(), "pos");
  const RedisHash frame = stack.Frame(pos);
  const Local res = ctx.add_local(frame.hgetall(), "res");
  ctx.add(frame.remove());
  ctx.if_(pos > 0, [&] { ctx.add(stack.size.incrby(-1)); }).else_([&] { ctx.add(stack.size.remove()); });
  ctx.return_(res);
  return ctx.Build().value();
}

// The worker example: takes the most urgent task, and marks it as busy with this worker.
inline Program WorkerTake() {
  FnContext ctx("worker_take");
  const RedisSortedSet queue(ctx.add_key("queue"));
  const RedisHash payloads(ctx.add_key("payloads")), busy(ctx.add_key("busy"));
  const Expr worker = ctx.add_arg("worker");
  const Local popped = ctx.add_local(queue.pop_max(), "popped");
  ctx.if_(!popped, [&] { ctx.return_(None); });
  const Local task = ctx.add_local(popped[0][0], "task");
  ctx.add(busy.hset({{task, worker}}));
  ctx.return_(DictOf({{"task", task}, {"priority", popped[0][1]}, {"payload", payloads.hget(task)}}));
  return ctx.Build().value();
}

// Puts the tasks back of workers whose heartbeat has stopped. Gives the tasks.
inline Program WorkerRescue() {
  FnContext ctx("worker_rescue");
  const RedisSortedSet queue(ctx.add_key("queue"));
  const RedisHash busy(ctx.add_key("busy"));
  const Expr heartbeat = ctx.add_key("heartbeat");
  const Expr priority = ctx.add_arg("priority");
  const Local rescued = ctx.add_local(ListOf(), "rescued");
  ctx.for_(Items(busy.hgetall()), [&](const Local& item) {
    ctx.if_(RedisVar(Strs(heartbeat, ":", item[1])).exists(), [&] { ctx.continue_(); });
    ctx.add(busy.hdel(item[0]));
    ctx.add(queue.add(priority, item[0]));
    rescued.append(item[0]);
  });
  ctx.return_(rescued);
  return ctx.Build().value();
}

}  // namespace dualis::script

#endif  // DUALIS_TESTS_SCRIPT_PROGRAMS_H_
