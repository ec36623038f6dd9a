#include "client/backends/memory_backend.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <functional>
#include <optional>
#include <thread>
#include <utility>

#include "client/backends/blocking.h"
#include "client/backends/exec_sink.h"
#include "client/backends/native_call.h"
#include "engine/runtime/gate.h"

namespace dualis::client {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// Runs words whose reply matters only if it is an error.
Error Order(Session& session, Args words) {
  ErrorSink sink;
  session.Execute(words, sink);
  return sink.error();
}

void Run(Session& session, const Request& request, ReplySink& sink) {
  if (request.self() != nullptr) {
    session.Execute(Command(*request.row(), request.self()), sink);
  } else {
    ArgList none;
    session.Execute(request.words(none), sink);
  }
}

Ticket Start(Session& session, const Request& request, ReplySink& sink, std::function<void()> done) {
  if (request.self() != nullptr) {
    return session.Submit(Command(*request.row(), request.self()), sink, std::move(done));
  }
  ArgList none;
  return session.Submit(request.words(none), sink, std::move(done));
}

Error TimedOut() { return Error(ErrorCode::kTimeout, "ERR the call took longer than it may"); }

// Sleeps until something happens or a moment comes.
class Alarm {
 public:
  void Ring() {
    {
      const std::lock_guard lock(mutex_);
      rung_ = true;
    }
    bell_.notify_all();
  }
  // True if it rang; then it is silent again.
  bool WaitUntil(std::optional<steady_clock::time_point> moment) {
    std::unique_lock lock(mutex_);
    const auto rung = [this] { return rung_; };
    const bool result = moment ? bell_.wait_until(lock, *moment, rung) : (bell_.wait(lock, rung), true);
    rung_ = false;
    return result;
  }

 private:
  std::mutex mutex_;
  std::condition_variable bell_;
  bool rung_ = false;
};

// When the engine's next deadline comes in this machine's time; nothing if its clock does not run or owes nothing.
std::optional<steady_clock::time_point> NextTick(Engine& engine) {
  if (!engine.clock().runs_by_itself()) return std::nullopt;
  const std::optional<TimeMs> next = engine.NextDeadline();
  if (!next) return std::nullopt;
  return steady_clock::now() + milliseconds(std::max<TimeMs>(*next - engine.clock().Now(), 1));
}

// Runs a blocking command that the caller wants back by `deadline`. Nobody else may be there to end a wait whose own
// time is up, so the sleeper does what time owes.
Error RunUntil(Session& session, const Request& request, ReplySink& sink, steady_clock::time_point deadline) {
  Alarm alarm;
  const Ticket ticket = Start(session, request, sink, [&alarm] { alarm.Ring(); });
  if (ticket == 0) return {};
  for (;;) {
    const std::optional<steady_clock::time_point> tick = NextTick(session.engine());
    const bool tick_first = tick && *tick < deadline;
    if (alarm.WaitUntil(tick_first ? *tick : deadline)) break;
    if (!tick_first) {
      session.Cancel(ticket);
      // It may have been completed just before.
      return alarm.WaitUntil(steady_clock::now()) ? Error() : TimedOut();
    }
    session.engine().Tick();
  }
  // `done` has rung, but may still be on its way out of the alarm.
  session.Cancel(ticket);
  return {};
}

// When a call must be over; nothing: whenever it is.
using Deadline = std::optional<steady_clock::time_point>;

Deadline DeadlineOf(const CallOptions& options) {
  return options.timeout ? Deadline(steady_clock::now() + *options.timeout) : std::nullopt;
}

// Runs a request on a session that the caller has to itself.
Error RunOn(Session& session, const Request& request, ReplySink& sink, const Deadline& deadline) {
  if (deadline) {
    const BlockingTime blocking = BlockingTimeOf(request);
    if (blocking.blocks && (!blocking.limit || steady_clock::now() + *blocking.limit > *deadline)) {
      return RunUntil(session, request, sink, *deadline);
    }
  }
  Run(session, request, sink);
  return {};
}

Result<Executed> RunAllOn(Session& session, const CommandBuffer& commands, std::span<ReplySink* const> sinks,
                          Atomicity atomicity, const Deadline& deadline) {
  if (atomicity == Atomicity::kNone) {
    for (size_t i = 0; i < commands.size(); ++i) {
      if (Error error = RunOn(session, commands[i], *sinks[i], deadline)) return error;
    }
    return Executed::kYes;
  }
  const Arg multi[] = {"MULTI"};
  if (Error error = Order(session, multi)) return error;
  std::vector<Error> queued;
  queued.reserve(commands.size());
  for (size_t i = 0; i < commands.size(); ++i) {
    ErrorSink answer;
    Run(session, commands[i], answer);
    queued.push_back(answer.error());
  }
  const Arg exec[] = {"EXEC"};
  ExecSink exec_sink(sinks);
  session.Execute(exec, exec_sink);
  return Conclude(exec_sink, queued, sinks);
}

// Messages of a session's subscriptions.
class MemorySource final : public MessageSource, private ReplySink {
 public:
  explicit MemorySource(std::unique_ptr<Session> session, std::shared_ptr<Engine> engine)
      : engine_(std::move(engine)), session_(std::move(session)) {
    session_->OnMessage([this] { alarm_.Ring(); });
  }

  dualis::Error Apply(Change change, std::span<const Bytes> names) override {
    constexpr Bytes kNames[] = {"SUBSCRIBE", "UNSUBSCRIBE", "PSUBSCRIBE", "PUNSUBSCRIBE"};
    std::vector<Arg> words = {kNames[static_cast<size_t>(change)]};
    words.insert(words.end(), names.begin(), names.end());
    return Order(*session_, words);
  }

  Result<Message> Receive(std::optional<milliseconds> timeout) override {
    std::optional<steady_clock::time_point> deadline;
    if (timeout) deadline = steady_clock::now() + *timeout;
    for (;;) {
      if (!waiting_.empty()) {
        Message first = std::move(waiting_.front());
        waiting_.pop_front();
        return first;
      }
      if (session_->Deliver(*this) > 0) continue;
      if (session_->killed()) return dualis::Error(ErrorCode::kClosed, "ERR the connection was killed");
      if (!alarm_.WaitUntil(deadline)) return dualis::Error(ErrorCode::kTimeout, "ERR no message came in time");
    }
  }

 private:
  // A message is a push of texts: message channel payload, or pmessage pattern channel payload.
  void Null() override { Bulk({}); }
  void Int(int64_t) override { Bulk({}); }
  void Double(double) override { Bulk({}); }
  void Simple(Bytes text) override { Bulk(text); }
  void Bulk(Bytes text) override {
    if (depth_ == 1) parts_.emplace_back(text);
  }
  void Error(const dualis::Error&) override {}
  void Begin(Shape, size_t) override { ++depth_; }
  void End() override {
    if (--depth_ > 0) return;
    if (parts_.size() == 3 && parts_[0] == "message") {
      waiting_.push_back({std::move(parts_[1]), std::move(parts_[2]), {}});
    } else if (parts_.size() == 4 && parts_[0] == "pmessage") {
      waiting_.push_back({std::move(parts_[2]), std::move(parts_[3]), std::move(parts_[1])});
    }
    parts_.clear();
  }

  // Keeps the engine until the session is closed.
  const std::shared_ptr<Engine> engine_;
  Alarm alarm_;
  std::unique_ptr<Session> session_;
  std::deque<Message> waiting_;
  std::vector<std::string> parts_;
  int depth_ = 0;
};

// A script in native form. `WithSession` runs what it is given on a session, or returns why there is none.
template <class WithSession>
class NativeLoaded final : public LoadedScript {
 public:
  NativeLoaded(Engine& engine, std::shared_ptr<const script::NativeScript> script, WithSession with_session)
      : engine_(engine), script_(std::move(script)), with_session_(std::move(with_session)) {}

  Result<script::Value> Run(std::span<const Bytes> keys, std::span<const script::Value> arguments,
                            const CallOptions& call) override {
    script::RunOptions options = Limits(call);
    options.place = call.place;
    if (call.trace != nullptr) options.trace = *call.trace;
    Result<script::Value> result;
    const NativeCall native{script_.get(), keys, arguments, &options, &result};
    ErrorSink sink;
    if (Error error = with_session_([&](Session& session) { session.Execute(native.command(), sink); })) return error;
    if (sink.error()) return sink.error();
    return result;
  }

  std::shared_ptr<QueuedScript> Queue(std::span<const Bytes> keys, std::span<const script::Value> arguments,
                                      const CallOptions& call, CommandBuffer& commands,
                                      std::set<std::string, std::less<>>&) override {
    auto queued = std::make_shared<QueuedNative>(script_, keys, arguments, Limits(call));
    commands.Add(Request(queued->command()));
    return queued;
  }

 private:
  script::RunOptions Limits(const CallOptions& call) const {
    script::RunOptions options;
    options.step_limit = engine_.options().script_step_limit;
    options.memory_limit = engine_.options().script_memory_limit;
    if (call.timeout) options.time_limit = *call.timeout;
    return options;
  }

  Engine& engine_;
  // Shared with the calls that are queued.
  const std::shared_ptr<const script::NativeScript> script_;
  const WithSession with_session_;
};

template <class WithSession>
std::shared_ptr<LoadedScript> LoadedNatively(Engine& engine, std::shared_ptr<const script::NativeScript> script,
                                             WithSession with_session) {
  return std::make_shared<NativeLoaded<WithSession>>(engine, std::move(script), std::move(with_session));
}

// One session: what Pin gives.
class PinnedSession final : public Backend {
 public:
  PinnedSession(MemoryBackend& owner, std::unique_ptr<Session> session) : owner_(owner), session_(std::move(session)) {}

  Error Execute(const Request& request, ReplySink& sink, const CallOptions& options) override {
    return RunOn(*session_, request, sink, DeadlineOf(options));
  }
  Result<Executed> ExecuteAll(const CommandBuffer& commands, std::span<ReplySink* const> sinks, Atomicity atomicity,
                              const CallOptions& options) override {
    return RunAllOn(*session_, commands, sinks, atomicity, DeadlineOf(options));
  }
  Ticket Submit(const Request& request, ReplySink& sink, const CallOptions& options,
                std::function<void(const Error&)> done) override {
    done(Execute(request, sink, options));
    return 0;
  }
  void Cancel(Ticket) override {}
  Result<std::shared_ptr<LoadedScript>> Load(const script::Program& program, ScriptForm form) override {
    if (form == ScriptForm::kLua) return Backend::Load(program, form);
    const auto with_session = [this](const auto& use) {
      use(*session_);
      return Error();
    };
    return LoadedNatively(*engine(), owner_.Compiled(program), with_session);
  }
  Result<std::unique_ptr<MessageSource>> Subscribe() override { return owner_.Subscribe(); }
  Result<std::unique_ptr<Backend>> Pin(const CallOptions& options) override { return owner_.Pin(options); }
  const CommandTable& commands() const override { return owner_.commands(); }
  Engine* engine() override { return owner_.engine(); }

 private:
  MemoryBackend& owner_;
  // Closed, not given back: it may hold watches.
  std::unique_ptr<Session> session_;
};

}  // namespace

class MemoryBackend::Lease {
 public:
  explicit Lease(MemoryBackend& owner) : owner_(owner), place_(owner.OwnPlace()) {
    session_ = place_ != nullptr ? place_->Take() : nullptr;
    if (session_ == nullptr || session_->closing()) [[unlikely]]
      Replace();
  }
  ~Lease() {
    if (session_ == nullptr) return;
    if (place_ == nullptr || !place_->Put(session_)) owner_.Spare(std::unique_ptr<Session>(session_));
  }
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;
  const Error& error() const { return error_; }
  Session& operator*() { return *session_; }

 private:
  void Replace() {
    delete std::exchange(session_, nullptr);
    Result<std::unique_ptr<Session>> session = owner_.SpareOrNew();
    if (session) {
      session_ = session->release();
    } else {
      error_ = session.error();
    }
  }

  MemoryBackend& owner_;
  Place* const place_;
  Session* session_;
  Error error_;
};

// All but the session is guarded by mutex_.
struct MemoryBackend::Submitted {
  std::unique_ptr<Session> session;
  Ticket session_ticket = 0;
  bool returned = false;  // Submit is through
  bool over = false;      // `done` has run, or never will
  bool running = false;   // `done` is running
  int cancelling = 0;     // calls of Cancel that use the session

  bool free() const { return returned && over && !running && cancelling == 0; }
};

MemoryBackend::MemoryBackend(std::shared_ptr<Engine> engine, SessionStart start)
    : engine_(std::move(engine)), start_(std::move(start)) {
  // Sessions are given back in destructors, which may not allocate.
  spare_.reserve(kMostSpare);
}

MemoryBackend::~MemoryBackend() {
  for (auto& [id, submitted] : submitted_) submitted->session->Cancel(submitted->session_ticket);
  submitted_.clear();
  for (Place& place : places_) delete place.Take();
}

Error MemoryBackend::Probe() { return Lease(*this).error(); }

Result<std::unique_ptr<Session>> MemoryBackend::Open() {
  std::unique_ptr<Session> session = engine_->Connect();
  if (!start_.password.empty()) {
    const Arg with_user[] = {"AUTH", start_.user, start_.password};
    const Arg without[] = {"AUTH", start_.password};
    if (Error error = Order(*session, start_.user.empty() ? Args(without) : Args(with_user))) return error;
  }
  if (start_.db != 0) {
    const Arg select[] = {"SELECT", start_.db};
    if (Error error = Order(*session, select)) return error;
  }
  return session;
}

MemoryBackend::Place* MemoryBackend::OwnPlace() {
  const uintptr_t me = runtime::Gate::ThisThread();
  static_assert(kPlaces == size_t{1} << 6);
  const auto first = static_cast<size_t>((me * uint64_t{0x9E3779B97F4A7C15u}) >> (64 - 6));
  for (size_t i = 0; i < kTries; ++i) {
    Place& place = places_[(first + i) % kPlaces];
    uintptr_t owner = place.owner.load(std::memory_order_relaxed);
    if (owner == me) return &place;
    if (owner == 0 && place.owner.compare_exchange_strong(owner, me, std::memory_order_relaxed)) return &place;
  }
  return nullptr;
}

Result<std::unique_ptr<Session>> MemoryBackend::SpareOrNew() {
  for (;;) {
    std::unique_ptr<Session> session;
    {
      const std::lock_guard lock(mutex_);
      if (spare_.empty()) break;
      session = std::move(spare_.back());
      spare_.pop_back();
    }
    // One that was killed or is to close (CLIENT KILL, QUIT) is as a connection that the server has closed.
    if (!session->closing()) return session;
  }
  return Open();
}

void MemoryBackend::Spare(std::unique_ptr<Session> session) {
  const std::lock_guard lock(mutex_);
  if (spare_.size() < kMostSpare) spare_.push_back(std::move(session));
}

Error MemoryBackend::Execute(const Request& request, ReplySink& sink, const CallOptions& options) {
  Lease session(*this);
  if (session.error()) return session.error();
  return RunOn(*session, request, sink, DeadlineOf(options));
}

Result<Executed> MemoryBackend::ExecuteAll(const CommandBuffer& commands, std::span<ReplySink* const> sinks,
                                           Atomicity atomicity, const CallOptions& options) {
  Lease session(*this);
  if (session.error()) return session.error();
  return RunAllOn(*session, commands, sinks, atomicity, DeadlineOf(options));
}

Ticket MemoryBackend::Submit(const Request& request, ReplySink& sink, const CallOptions&,
                             std::function<void(const Error&)> done) {
  auto submitted = std::make_shared<Submitted>();
  Result<std::unique_ptr<Session>> session = SpareOrNew();
  if (!session) {
    done(session.error());
    return 0;
  }
  submitted->session = std::move(*session);
  Ticket id;
  {
    const std::lock_guard lock(mutex_);
    id = ++last_ticket_;
    submitted_[id] = submitted;
  }
  const Ticket parked = Start(*submitted->session, request, sink, [this, submitted, done = std::move(done)] {
    {
      const std::lock_guard lock(mutex_);
      submitted->running = true;
    }
    done(Error());
    const std::lock_guard lock(mutex_);
    submitted->running = false;
    submitted->over = true;
  });
  std::vector<std::shared_ptr<Submitted>> finished;
  {
    const std::lock_guard lock(mutex_);
    submitted->session_ticket = parked;
    submitted->returned = true;
    for (auto i = submitted_.begin(); i != submitted_.end();) {
      const bool take = i->second->free();
      if (take) finished.push_back(std::move(i->second));
      i = take ? submitted_.erase(i) : std::next(i);
    }
  }
  for (const std::shared_ptr<Submitted>& old : finished) {
    // Waits for the last steps of a `done` that ran on another thread.
    old->session->Cancel(old->session_ticket);
    Spare(std::move(old->session));
  }
  return parked == 0 ? 0 : id;
}

void MemoryBackend::Cancel(Ticket ticket) {
  std::shared_ptr<Submitted> submitted;
  {
    const std::lock_guard lock(mutex_);
    const auto found = submitted_.find(ticket);
    if (found == submitted_.end()) return;
    submitted = found->second;
    ++submitted->cancelling;
  }
  submitted->session->Cancel(submitted->session_ticket);
  const std::lock_guard lock(mutex_);
  --submitted->cancelling;
  submitted->over = true;
}

Result<std::shared_ptr<LoadedScript>> MemoryBackend::Load(const script::Program& program, ScriptForm form) {
  if (form == ScriptForm::kLua) return Backend::Load(program, form);
  const auto with_session = [this](const auto& use) {
    Lease session(*this);
    if (session.error()) return session.error();
    use(*session);
    return Error();
  };
  return LoadedNatively(*engine_, Compiled(program), with_session);
}

std::shared_ptr<const script::NativeScript> MemoryBackend::Compiled(const script::Program& program) {
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = compiled_.find(&program.data()); found != compiled_.end()) return found->second;
  }
  auto compiled = std::make_shared<const script::NativeScript>(program, &engine_->commands());
  const std::lock_guard lock(mutex_);
  constexpr size_t kMost = 256;
  if (compiled_.size() >= kMost) compiled_.clear();
  return compiled_.try_emplace(&program.data(), std::move(compiled)).first->second;
}

Result<std::unique_ptr<MessageSource>> MemoryBackend::Subscribe() {
  Result<std::unique_ptr<Session>> session = Open();
  if (!session) return session.error();
  return std::unique_ptr<MessageSource>(std::make_unique<MemorySource>(std::move(*session), engine_));
}

Result<std::unique_ptr<Backend>> MemoryBackend::Pin(const CallOptions&) {
  Result<std::unique_ptr<Session>> session = Open();
  if (!session) return session.error();
  return std::unique_ptr<Backend>(std::make_unique<PinnedSession>(*this, std::move(*session)));
}

}  // namespace dualis::client
