#include "dualis/helpers/queue.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "client/helpers/scripts.h"
#include "client/helpers/waiting.h"

namespace dualis {
namespace {

using namespace script;

// The keys of all scripts, and the steps that several of them have.
struct Tasks {
  explicit Tasks(FnContext& c)
      : ctx(c),
        waiting(c.add_key("waiting")),
        taken(c.add_key("taken")),
        payload(c.add_key("payload")),
        owner(c.add_key("owner")),
        last(c.add_key("last")),
        workers(c.add_key("workers")),
        worker(c.add_key("worker")) {}

  RedisVar Heartbeat(const Expr& id) const { return RedisVar(Strs(worker, ":", id)); }
  void Beat(const Expr& id, const Expr& ttl) const { ctx.add(Call("SET", Heartbeat(id).key(), "1", "PX", ttl)); }
  // Puts a task that is taken back, with its old score or that one.
  void Return(const Expr& task, const Expr& score) const {
    ctx.add(taken.remove_members(task));
    ctx.add(owner.hdel(task));
    ctx.add(waiting.add(score, task));
    ctx.add(Call("PUBLISH", waiting.key(), task));
  }

  FnContext& ctx;
  RedisSortedSet waiting, taken;
  RedisHash payload, owner;
  RedisVar last, workers;
  Expr worker;
};

void Add(FnContext& ctx) {
  const Tasks t(ctx);
  const Expr payload = ctx.add_arg("payload"), score = ctx.add_arg("score");
  // With zeros in front: those of one score are in the order of their bytes.
  const Local number = ctx.add_local(t.last.redis_fn("INCR"), "number");
  const Local task = ctx.add_local(Slice(Strs("00000000000000", ToIntStr(number)), -14), "task");
  ctx.add(t.payload.hset({{task, payload}}));
  ctx.add(t.waiting.add(score, task));
  ctx.add(Call("PUBLISH", t.waiting.key(), task));
  ctx.return_(task);
}

void NewWorker(FnContext& ctx) {
  const Tasks t(ctx);
  const Expr ttl = ctx.add_arg("ttl");
  const Local id = ctx.add_local(ToIntStr(t.workers.redis_fn("INCR")), "id");
  t.Beat(id, ttl);
  ctx.return_(id);
}

void Beat(FnContext& ctx) {
  const Tasks t(ctx);
  const Expr worker = ctx.add_arg("worker"), ttl = ctx.add_arg("ttl");
  const Local lived = ctx.add_local(t.Heartbeat(worker).exists(), "lived");
  t.Beat(worker, ttl);
  ctx.return_(lived);
}

// [task, payload, score] or None.
void Take(FnContext& ctx) {
  const Tasks t(ctx);
  const Expr worker = ctx.add_arg("worker"), ttl = ctx.add_arg("ttl");
  t.Beat(worker, ttl);
  const Local popped = ctx.add_local(t.waiting.pop_min(), "popped");
  ctx.if_(!popped, [&] { ctx.return_(None); });
  const Local task = ctx.add_local(popped[0][0], "task"), score = ctx.add_local(popped[0][1], "score");
  ctx.add(t.taken.add(score, task));
  ctx.add(t.owner.hset({{task, worker}}));
  ctx.return_(ListOf(task, t.payload.hget(task), score));
}

void Done(FnContext& ctx) {
  const Tasks t(ctx);
  const Expr worker = ctx.add_arg("worker"), ttl = ctx.add_arg("ttl"), task = ctx.add_arg("task");
  t.Beat(worker, ttl);
  ctx.if_(t.owner.hget(task) != worker, [&] { ctx.return_(false); });
  ctx.add(t.taken.remove_members(task));
  ctx.add(t.owner.hdel(task));
  ctx.add(t.payload.hdel(task));
  ctx.return_(true);
}

void GiveBack(FnContext& ctx) {
  const Tasks t(ctx);
  const Expr worker = ctx.add_arg("worker"), ttl = ctx.add_arg("ttl"), task = ctx.add_arg("task");
  const Expr score = ctx.add_arg("score");
  t.Beat(worker, ttl);
  ctx.if_(t.owner.hget(task) != worker, [&] { ctx.return_(false); });
  const Local place = ctx.add_local(score, "place");
  ctx.if_(place == None, [&] { place.assign(t.taken.score(task)); });
  t.Return(task, place);
  ctx.return_(true);
}

// Returns the tasks of those workers for which `dead` is true.
template <class Dead>
void ReturnAll(FnContext& ctx, const Tasks& t, Dead dead) {
  const Local returned = ctx.add_local(ListOf(), "returned");
  ctx.for_(Items(t.owner.hgetall()), [&](const Local& item) {
    ctx.if_(dead(item[1]), [&] {
      const Local score = ctx.add_local(t.taken.score(item[0]), "score");
      t.Return(item[0], score);
      returned.append(item[0]);
    });
  });
  ctx.return_(returned);
}

void Rescue(FnContext& ctx) {
  const Tasks t(ctx);
  ReturnAll(ctx, t, [&](const Expr& worker) { return !t.Heartbeat(worker).exists(); });
}

void LeaveQueue(FnContext& ctx) {
  const Tasks t(ctx);
  const Expr worker = ctx.add_arg("worker");
  ctx.add(t.Heartbeat(worker).remove());
  ReturnAll(ctx, t, [&](const Expr& owner) { return owner == worker; });
}

void CountTasks(FnContext& ctx) {
  const Tasks t(ctx);
  ctx.return_(ListOf(t.waiting.card(), t.taken.card()));
}

void Remove(FnContext& ctx) {
  const Tasks t(ctx);
  const Expr task = ctx.add_arg("task");
  ctx.if_(t.waiting.remove_members(task) == 0, [&] { ctx.return_(false); });
  ctx.add(t.payload.hdel(task));
  ctx.return_(true);
}

enum Which : size_t { kAdd, kNewWorker, kBeat, kTake, kDone, kGiveBack, kRescue, kLeave, kCount, kRemove };

// Sorted sets give the least first.
double ScoreOf(double priority) { return 0 - priority; }

}  // namespace

Queue::Queue(Client client, std::string base, const Options& options, std::shared_ptr<const helpers::ScriptSet> scripts)
    : client_(std::move(client)), base_(std::move(base)), options_(options), scripts_(std::move(scripts)) {}

Result<Queue> Queue::Open(const Client& client, const std::string& base, const Options& options) {
  if (options.heartbeat.count() < 1) return Error(ErrorCode::kUsage, "ERR a queue needs a time for heartbeats");
  Script::Keys keys;
  for (const char* name : {"waiting", "taken", "payload", "owner", "last", "workers", "worker"}) {
    keys[name] = base + ":" + name;
  }
  auto scripts = helpers::ScriptSet::Make(client, std::move(keys),
                                          {{"queue_add", Add},
                                           {"queue_worker", NewWorker},
                                           {"queue_heartbeat", Beat},
                                           {"queue_take", Take},
                                           {"queue_done", Done},
                                           {"queue_give_back", GiveBack},
                                           {"queue_rescue", Rescue},
                                           {"queue_leave", LeaveQueue},
                                           {"queue_sizes", CountTasks},
                                           {"queue_remove", Remove}});
  if (!scripts) return scripts.error();
  return Queue(client, base, options, std::move(*scripts));
}

Result<std::string> Queue::add(const std::string& payload, double priority) const {
  if (std::isnan(priority)) return Error(ErrorCode::kUsage, "ERR a priority is a number");
  return scripts_->Run<std::string>(kAdd, {{"payload", payload}, {"score", ScoreOf(priority)}});
}

Result<Queue::Worker> Queue::worker() const {
  Result<std::string> id = scripts_->Run<std::string>(kNewWorker, {{"ttl", options_.heartbeat.count()}});
  if (!id) return id.error();
  return Worker(*this, std::move(*id));
}

Result<std::vector<std::string>> Queue::rescue() const { return scripts_->Run<std::vector<std::string>>(kRescue); }

Result<Queue::Sizes> Queue::sizes() const {
  const auto sizes = scripts_->Run<std::pair<int64_t, int64_t>>(kCount);
  if (!sizes) return sizes.error();
  return Sizes{sizes->first, sizes->second};
}

Result<bool> Queue::remove(const std::string& task) const { return scripts_->Run<bool>(kRemove, {{"task", task}}); }

Script::Arguments Queue::Worker::With(Script::Arguments more) const {
  more.emplace("worker", id_);
  more.emplace("ttl", queue_->options_.heartbeat.count());
  return more;
}

Result<bool> Queue::Worker::heartbeat() const { return queue_->scripts_->Run<bool>(kBeat, With({})); }

Result<std::optional<Queue::Task>> Queue::Worker::take() const {
  const auto taken =
      queue_->scripts_->Run<std::optional<std::tuple<std::string, std::string, double>>>(kTake, With({}));
  if (!taken) return taken.error();
  std::optional<Task> task;
  if (*taken) task = Task{std::get<0>(**taken), std::get<1>(**taken), ScoreOf(std::get<2>(**taken))};
  return task;
}

Result<std::optional<Queue::Task>> Queue::Worker::take(std::chrono::milliseconds timeout) const {
  std::optional<Task> task;
  const Result<bool> done =
      helpers::RetryUntil(queue_->client_, queue_->base_ + ":waiting", timeout, [&](int64_t* again_in) -> Result<bool> {
        Result<std::optional<Task>> taken = take();
        if (!taken) return taken.error();
        task = std::move(*taken);
        // In time for the next heartbeat.
        *again_in = std::max<int64_t>(queue_->options_.heartbeat.count() / 3, 1);
        return task.has_value();
      });
  if (!done) return done.error();
  return task;
}

Result<bool> Queue::Worker::done(const std::string& task) const {
  return queue_->scripts_->Run<bool>(kDone, With({{"task", task}}));
}

Result<bool> Queue::Worker::give_back(const std::string& task, std::optional<double> priority) const {
  if (priority && std::isnan(*priority)) return Error(ErrorCode::kUsage, "ERR a priority is a number");
  const Value score = priority ? Value(ScoreOf(*priority)) : Value();
  return queue_->scripts_->Run<bool>(kGiveBack, With({{"task", task}, {"score", score}}));
}

Result<std::vector<std::string>> Queue::Worker::leave() const {
  return queue_->scripts_->Run<std::vector<std::string>>(kLeave, {{"worker", id_}});
}

}  // namespace dualis
