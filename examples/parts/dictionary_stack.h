// A stack of dictionaries in Redis: a field is looked up in the top frame, or from the top down until some frame has
// it.
//
//   BASE:size        how many frames lie above the bottom one
//   BASE:frame:N     the hash of frame N
#ifndef EXAMPLES_PARTS_DICTIONARY_STACK_H_
#define EXAMPLES_PARTS_DICTIONARY_STACK_H_

#include <string>
#include <utility>

#include "dualis/client.h"
#include "dualis/script.h"

namespace examples {

// Any number of clients may use one stack; every call is atomic. Thread-safe.
class DictionaryStack {
 public:
  using Value = dualis::script::Value;

  static dualis::Result<DictionaryStack> Open(const dualis::Client& client, const std::string& base);

  // A new, empty top frame.
  dualis::Result<int64_t> Push() { return client_.incr(keys_.at("size")); }
  // Takes the top frame off and returns it as a dict.
  dualis::Result<Value> Pop() const { return pop_(keys_); }
  dualis::Result<Value> Set(const std::string& field, const std::string& value) const {
    return set_(keys_, {{"field", field}, {"value", value}});
  }
  // Of the top frame; None if it does not have the field.
  dualis::Result<Value> Get(const std::string& field) const { return get_(keys_, {{"field", field}}); }
  // Of the topmost frame that has the field.
  dualis::Result<Value> Find(const std::string& field) const { return find_(keys_, {{"field", field}}); }

 private:
  DictionaryStack(dualis::Client client, dualis::Script::Keys keys, dualis::Script pop, dualis::Script set,
                  dualis::Script get, dualis::Script find)
      : client_(std::move(client)),
        keys_(std::move(keys)),
        pop_(std::move(pop)),
        set_(std::move(set)),
        get_(std::move(get)),
        find_(std::move(find)) {}

  dualis::Client client_;
  dualis::Script::Keys keys_;
  dualis::Script pop_, set_, get_, find_;
};

namespace stack_internal {

using namespace dualis::script;

// What all four scripts begin with: the number of the top frame, and the names of frames.
struct Frames {
  explicit Frames(FnContext& ctx)
      : size(ctx.add_key("size")), frame(ctx.add_key("frame")), top(ctx.add_local(ToNum(size.get("0")), "top")) {}
  RedisHash At(const Expr& number) const { return RedisHash(Strs(frame, ":", ToIntStr(number))); }
  RedisVar size;
  Expr frame;
  Local top;
};

inline dualis::Result<dualis::Script> Pop(const dualis::Client& client) {
  FnContext ctx("stack_pop");
  Frames frames(ctx);
  RedisHash top = frames.At(frames.top);
  Local fields = ctx.add_local(top.hgetall(), "fields");
  ctx.add(top.remove());
  ctx.if_(frames.top > 0, [&] { ctx.add(frames.size.set(ToIntStr(frames.top - 1))); }).else_([&] {
    ctx.add(frames.size.remove());
  });
  ctx.return_(fields);
  return client.register_script(ctx);
}

inline dualis::Result<dualis::Script> Set(const dualis::Client& client) {
  FnContext ctx("stack_set");
  Frames frames(ctx);
  Expr field = ctx.add_arg("field");
  Expr value = ctx.add_arg("value");
  ctx.add(frames.At(frames.top).hset({{field, value}}));
  ctx.return_();
  return client.register_script(ctx);
}

inline dualis::Result<dualis::Script> Get(const dualis::Client& client) {
  FnContext ctx("stack_get");
  Frames frames(ctx);
  ctx.return_(frames.At(frames.top).hget(ctx.add_arg("field")));
  return client.register_script(ctx);
}

inline dualis::Result<dualis::Script> Find(const dualis::Client& client) {
  FnContext ctx("stack_find");
  Frames frames(ctx);
  Expr field = ctx.add_arg("field");
  Local number = ctx.add_local(frames.top, "number");
  Local found = ctx.add_local(None, "found");
  ctx.while_(found == None && number >= 0, [&] {
    found.assign(frames.At(number).hget(field));
    number -= 1;
  });
  ctx.return_(found);
  return client.register_script(ctx);
}

}  // namespace stack_internal

inline dualis::Result<DictionaryStack> DictionaryStack::Open(const dualis::Client& client, const std::string& base) {
  auto pop = stack_internal::Pop(client);
  if (!pop) return pop.error();
  auto set = stack_internal::Set(client);
  if (!set) return set.error();
  auto get = stack_internal::Get(client);
  if (!get) return get.error();
  auto find = stack_internal::Find(client);
  if (!find) return find.error();
  return DictionaryStack(client, {{"size", base + ":size"}, {"frame", base + ":frame"}}, *pop, *set, *get, *find);
}

}  // namespace examples

#endif  // EXAMPLES_PARTS_DICTIONARY_STACK_H_
