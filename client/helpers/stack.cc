#include "dualis/helpers/stack.h"

#include "client/helpers/scripts.h"

namespace dualis {
namespace {

using namespace script;

// What the scripts have in common: the number of the top frame, and the names of frames.
struct Frames {
  explicit Frames(FnContext& ctx)
      : size(ctx.add_key("size")), base(ctx.add_key("frame")), top(ctx.add_local(ToNum(size.get("0")), "top")) {}
  RedisHash At(const Expr& number) const { return RedisHash(Strs(base, ":", ToIntStr(number))); }

  RedisVar size;
  Expr base;
  Local top;
};

void Push(FnContext& ctx) {
  Frames frames(ctx);
  ctx.add(frames.size.set(ToIntStr(frames.top + 1)));
  ctx.return_(frames.top + 2);
}

void Pop(FnContext& ctx) {
  Frames frames(ctx);
  const RedisHash top = frames.At(frames.top);
  const Local fields = ctx.add_local(top.hgetall(), "fields");
  ctx.add(top.remove());
  ctx.if_(frames.top > 1, [&] { ctx.add(frames.size.set(ToIntStr(frames.top - 1))); }).else_([&] {
    ctx.add(frames.size.remove());
  });
  ctx.return_(fields);
}

void Set(FnContext& ctx) {
  Frames frames(ctx);
  const Expr field = ctx.add_arg("field"), value = ctx.add_arg("value");
  ctx.add(frames.At(frames.top).hset({{field, value}}));
}

void Get(FnContext& ctx) {
  Frames frames(ctx);
  const Expr field = ctx.add_arg("field"), cascade = ctx.add_arg("cascade");
  const Local at = ctx.add_local(frames.top, "at");
  ctx.while_(true, [&] {
    const Local found = ctx.add_local(frames.At(at).hget(field), "found");
    ctx.if_(found != None || !cascade || at <= 0, [&] { ctx.return_(found); });
    at -= 1;
  });
}

void Size(FnContext& ctx) {
  Frames frames(ctx);
  ctx.return_(frames.top + 1);
}

void Clear(FnContext& ctx) {
  Frames frames(ctx);
  ctx.for_range(0, frames.top + 1, [&](const Local& i) { ctx.add(frames.At(i).remove()); });
  ctx.add(frames.size.remove());
}

enum Which : size_t { kPush, kPop, kSet, kGet, kSize, kClear };

}  // namespace

Result<Stack> Stack::Open(const Client& client, const std::string& base) {
  auto scripts = helpers::ScriptSet::Make(client, {{"size", base + ":size"}, {"frame", base + ":frame"}},
                                          {{"stack_push", Push},
                                           {"stack_pop", Pop},
                                           {"stack_set", Set},
                                           {"stack_get", Get},
                                           {"stack_size", Size},
                                           {"stack_clear", Clear}});
  if (!scripts) return scripts.error();
  return Stack(std::move(*scripts));
}

Result<int64_t> Stack::push_frame() const { return scripts_->Run<int64_t>(kPush); }
Result<Stack::Frame> Stack::pop_frame() const { return scripts_->Run<Frame>(kPop); }
Error Stack::set_value(const std::string& field, const std::string& value) const {
  return scripts_->Run(kSet, {{"field", field}, {"value", value}}).error();
}
Result<std::optional<std::string>> Stack::get_value(const std::string& field, Lookup lookup) const {
  return scripts_->Run<std::optional<std::string>>(kGet, {{"field", field}, {"cascade", lookup == Lookup::kCascade}});
}
Result<int64_t> Stack::size() const { return scripts_->Run<int64_t>(kSize); }
Error Stack::clear() const { return scripts_->Run(kClear).error(); }

}  // namespace dualis
