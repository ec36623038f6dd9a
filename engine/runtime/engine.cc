// The public faces of EngineImpl and SessionImpl, and the named engines.
#include "dualis/engine.h"

#include <pthread.h>
#include <time.h>

#include <algorithm>
#include <map>
#include <mutex>

#include "engine/runtime/registry.h"
#include "engine/runtime/session_impl.h"

namespace dualis {
namespace runtime {
namespace {

// Never destroyed: engines may be used until the process ends, whatever order its static objects go in.
struct Registry {
  std::mutex mutex;
  std::map<std::string, std::shared_ptr<Engine>, std::less<>> named;
  std::vector<EngineImpl*> engines;
};

Registry& TheRegistry() {
  static Registry* const registry = new Registry();
  return *registry;
}

void BeforeFork() {
  TheRegistry().mutex.lock();
  for (EngineImpl* engine : TheRegistry().engines) engine->BeforeFork();
}

void AfterFork() {
  for (EngineImpl* engine : TheRegistry().engines) engine->AfterFork();
  TheRegistry().mutex.unlock();
}

}  // namespace

void RegisterForFork(EngineImpl* engine) {
  static const int once = pthread_atfork(&BeforeFork, &AfterFork, &AfterFork);
  (void)once;
  const std::lock_guard lock(TheRegistry().mutex);
  TheRegistry().engines.push_back(engine);
}

void UnregisterForFork(EngineImpl* engine) {
  const std::lock_guard lock(TheRegistry().mutex);
  std::erase(TheRegistry().engines, engine);
}

// The table comes first: the engine refers to it.
struct EngineParts {
  CommandTable commands;
  EngineImpl engine;
  explicit EngineParts(Options options) : engine(std::move(options), commands) { RegisterForFork(&engine); }
  ~EngineParts() { UnregisterForFork(&engine); }
};

}  // namespace runtime

using runtime::Snapshots;

namespace {

TimeMs Read(clockid_t id) {
  timespec t;
  clock_gettime(id, &t);
  return static_cast<TimeMs>(t.tv_sec) * 1000 + t.tv_nsec / 1'000'000;
}

}  // namespace

TimeMs SystemClock::Now() const { return Read(CLOCK_REALTIME); }
TimeMs SystemClock::NowMonotonic() const { return Read(CLOCK_MONOTONIC); }
int64_t SystemClock::NowMicros() const {
  timespec t;
  clock_gettime(CLOCK_REALTIME, &t);
  return static_cast<int64_t>(t.tv_sec) * 1'000'000 + t.tv_nsec / 1000;
}

EncodingLimits EncodingLimits::AllExpanded() {
  EncodingLimits limits;
  limits.hash_max_listpack_entries = 0;
  limits.hash_max_listpack_value = 0;
  limits.list_max_listpack_size = 1;
  limits.set_max_intset_entries = 0;
  limits.set_max_listpack_entries = 0;
  limits.set_max_listpack_value = 0;
  limits.zset_max_listpack_entries = 0;
  limits.zset_max_listpack_value = 0;
  limits.stream_node_max_bytes = 0;
  limits.stream_node_max_entries = 1;
  return limits;
}

Engine::Engine() = default;
Engine::~Engine() = default;

std::unique_ptr<Engine> Engine::Create(Options options) {
  std::unique_ptr<Engine> engine(new Engine());
  engine->parts_ = std::make_unique<runtime::EngineParts>(std::move(options));
  return engine;
}

std::shared_ptr<Engine> Engine::Named(Bytes name, Options options) {
  runtime::Registry& registry = runtime::TheRegistry();
  {
    const std::lock_guard lock(registry.mutex);
    const auto it = registry.named.find(name);
    if (it != registry.named.end()) return it->second;
  }
  // Made outside the lock, which creation takes itself; of two that race the first one in wins.
  std::shared_ptr<Engine> made = Create(std::move(options));
  std::shared_ptr<Engine> winner;
  {
    const std::lock_guard lock(registry.mutex);
    winner = registry.named.emplace(name, made).first->second;
  }
  return winner;
}

bool Engine::Forget(Bytes name) {
  std::shared_ptr<Engine> last;  // destroyed after the lock is released
  runtime::Registry& registry = runtime::TheRegistry();
  const std::lock_guard lock(registry.mutex);
  const auto it = registry.named.find(name);
  if (it == registry.named.end()) return false;
  last = std::move(it->second);
  registry.named.erase(it);
  return true;
}

CommandTable& Engine::commands() { return parts_->commands; }
runtime::EngineImpl& Engine::impl() { return parts_->engine; }
ServerOps& Engine::server() { return parts_->engine.server(); }
Error Engine::Configure(Bytes name, Bytes value) { return parts_->engine.Configure(name, value); }
const Options& Engine::options() const { return parts_->engine.options(); }
const Clock& Engine::clock() const { return parts_->engine.clock(); }

std::unique_ptr<Session> Engine::Connect() {
  std::unique_ptr<Session> session(new Session());
  session->impl_ = std::make_unique<runtime::SessionImpl>(*this, parts_->engine);
  return session;
}

void Engine::Tick() { parts_->engine.Tick(); }
std::optional<TimeMs> Engine::NextDeadline() const { return parts_->engine.NextDeadline(); }
void Engine::Advance(TimeMs delta) { parts_->engine.Advance(delta); }

Result<SnapshotReport> Engine::Save(SnapshotSink& sink, const SnapshotOptions& options) {
  return impl().OnSnapshots([&](Snapshots& s, Turn& turn) { return s.Save(turn, sink, options); });
}
Result<SnapshotReport> Engine::SaveFile(const std::string& path, const SnapshotOptions& options) {
  return impl().OnSnapshots([&](Snapshots& s, Turn& turn) { return s.SaveFile(turn, path, options); });
}
Result<SnapshotReport> Engine::Load(SnapshotSource& source, const SnapshotOptions& options) {
  return impl().OnSnapshots([&](Snapshots& s, Turn& turn) { return s.Load(turn, source, options); });
}
Result<SnapshotReport> Engine::LoadFile(const std::string& path, const SnapshotOptions& options) {
  return impl().OnSnapshots([&](Snapshots& s, Turn& turn) { return s.LoadFile(turn, path, options); });
}

Session::Session() = default;
Session::~Session() = default;

namespace {

template <class Words>
void ExecuteAndSleep(runtime::SessionImpl& session, const Words& words, ReplySink& sink) {
  runtime::Waiter waiter{.may_park = true};
  session.Execute(words, sink, waiter);
  if (waiter.parked == nullptr) return;
  session.engine().Sleep(waiter.parked);
  session.ForgetFinished();
}

template <class Words>
Ticket SubmitTo(runtime::SessionImpl& session, const Words& words, ReplySink& sink, std::function<void()> done) {
  session.ForgetFinished();
  runtime::Waiter waiter{.may_park = true, .done = std::move(done)};
  session.Execute(words, sink, waiter);
  if (waiter.parked != nullptr) return waiter.parked->ticket;
  if (waiter.done) waiter.done();
  return 0;
}

}  // namespace

void Session::Execute(Command command, ReplySink& sink) { ExecuteAndSleep(*impl_, command, sink); }
void Session::Execute(Args argv, ReplySink& sink) { ExecuteAndSleep(*impl_, argv, sink); }
Ticket Session::Submit(Command command, ReplySink& sink, std::function<void()> done) {
  return SubmitTo(*impl_, command, sink, std::move(done));
}
Ticket Session::Submit(Args argv, ReplySink& sink, std::function<void()> done) {
  return SubmitTo(*impl_, argv, sink, std::move(done));
}

void Session::Cancel(Ticket ticket) {
  const std::shared_ptr<runtime::Parked> parked = impl_->Recall(ticket);
  if (parked == nullptr) return;
  impl_->engine().End(*parked, runtime::EngineImpl::Ending::kSilent);
  parked->Withdraw();
}

bool Session::Expire(Ticket ticket) {
  const std::shared_ptr<runtime::Parked> parked = impl_->Recall(ticket);
  return parked != nullptr && impl_->engine().End(*parked, runtime::EngineImpl::Ending::kTimeout);
}

Error Session::InTurn(const std::function<Error(Exec&)>& body) { return impl_->engine().InTurn(*impl_, body); }

void Session::OnMessage(std::function<void()> on_message) { impl_->outbox().SetCallback(std::move(on_message)); }
size_t Session::Deliver(ReplySink& sink, size_t limit) { return impl_->outbox().Deliver(sink, limit); }
std::string Session::user() const { return std::string(impl_->user()); }
int Session::protocol() const { return impl_->protocol(); }
size_t Session::subscriptions() const { return impl_->all_subscriptions(); }
bool Session::silent() const { return impl_->silent(); }
bool Session::has_messages() const { return impl_->outbox().has_messages(); }
void Session::LimitMessages() { impl_->outbox().LimitBy(impl_->engine().pubsub_limit(), impl_->engine().clock()); }
bool Session::overrun() const { return impl_->outbox().overrun(); }
bool Session::closing() const { return impl_->closing(); }
bool Session::killed() const { return impl_->client().killed.load(std::memory_order_acquire); }
void Session::SetPeer(Peer peer) { impl_->SetPeer(std::move(peer)); }

void Session::NoteBuffered(const Buffered& buffered) {
  runtime::ClientState::Buffered& noted = impl_->client().buffered;
  noted.query.store(buffered.query, std::memory_order_relaxed);
  noted.query_free.store(buffered.query_free, std::memory_order_relaxed);
  noted.replies.store(buffered.replies, std::memory_order_relaxed);
  noted.reply_bytes.store(buffered.reply_bytes, std::memory_order_relaxed);
}

Engine& Session::engine() { return impl_->facade(); }

}  // namespace dualis
