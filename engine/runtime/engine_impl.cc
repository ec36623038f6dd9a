#include "engine/runtime/engine_impl.h"

#include <algorithm>
#include <new>
#include <random>

#include "dualis/commands/clients.h"
#include "dualis/commands/connection.h"
#include "dualis/commands/functions.h"
#include "dualis/commands/scripting.h"
#include "dualis/commands/transactions.h"
#include "engine/command/word.h"
#include "engine/lua/lua_host.h"
#include "engine/runtime/session_impl.h"

namespace dualis::runtime {
namespace {

uint64_t SeedOf(const Options& options) {
  if (options.seed != 0) return options.seed;
  std::random_device device;
  return (uint64_t{device()} << 32 | device()) | 1;
}

// Due keys that a turn removes on its way, when it has read the clock anyhow; and every how many turns it reads it for
// that.
constexpr int kExpireAlong = 4;
constexpr size_t kFieldsAtOnce = 64;
constexpr int kExpireByTick = 256;
// How many rounds of that one call of Tick makes, for each step of active-expire-effort.
constexpr int64_t kTickRounds = 64;
constexpr uint32_t kTurnsPerClock = 64;

// Every session of this engine is one of its own.
SessionImpl& SessionOf(Exec& x) { return static_cast<SessionImpl&>(x.session()); }

}  // namespace

EngineImpl::EngineImpl(Options options, CommandTable& commands)
    : options_(std::move(options)),
      clock_(options_.clock != nullptr ? options_.clock : std::make_shared<SystemClock>()),
      commands_(commands),
      server_(options_, *clock_),
      rng_(SeedOf(options_)),
      scripts_(std::make_unique<lua::LuaHost>(
          lua::LuaHostOptions{.jit = options_.lua_jit,
                              .step_limit = options_.script_step_limit,
                              .random_seed = static_cast<int32_t>(rng_.Next()),
                              .memory_limit = options_.script_memory_limit,
                              .computes = [this](bool first) { return ScriptComputes(first); }})),
      snapshots_(server_.settings(), *clock_, dbs_, scripts_->functions(), *this) {
  const auto fit_databases = [this] {
    const auto wanted = static_cast<size_t>(server_.settings().number(Setting::kDatabases));
    dbs_.resize(std::min(dbs_.size(), wanted));
    while (dbs_.size() < wanted)
      dbs_.push_back(std::make_unique<Db>(static_cast<int>(dbs_.size()), rng_.Next(), &server_.access()));
    return Bytes();
  };
  server_.settings().OnChange(Setting::kDatabases, fit_databases);
  server_.set_measure([this](Gauges& gauges, TimeMs now) { Measure(gauges, now); });
  fit_databases();
  server_.hooks().reload = [this](Exec& x, Args words) { return Reload(x, words); };
}

EngineImpl::~EngineImpl() = default;

Error EngineImpl::Configure(Bytes name, Bytes value) {
  const Inside inside(gate_);
  return server_.settings().Configure(name, value);
}

void EngineImpl::NoteConnection() {
  std::call_once(connected_, [this] {
    commands_.Close();
    const Inside inside(gate_);
    acl_ = std::make_unique<Acl>(commands_, options_.acl, server_, *this);
  });
}

void EngineImpl::UserDeleted(const User& user, SessionOps& self) {
  for (int64_t id : clients_.Find({.user = user.name}, 0)) {
    SessionImpl* session = clients_.Find(id);
    if (!session->Is(user)) continue;
    session->ForgetUser();
    clients_.Kill(id, self);
  }
}

void EngineImpl::ChannelsTaken(const User& user, SessionOps& self) {
  for (int64_t id : clients_.Find({.user = user.name, .type = ClientType::kPubSub}, 0)) {
    const SessionImpl* session = clients_.Find(id);
    if (session->Is(user) && !session->MayListen()) clients_.Kill(id, self);
  }
}

void EngineImpl::Execute(SessionImpl& session, const Invocation& call, ReplySink& sink, Waiter& waiter) {
  // It may not wait for the script that it is to end; the host of the scripts takes it from any thread.
  const bool kills_script = call.row == &Row<cmd::ScriptKill>::value;
  if ((kills_script || call.row == &Row<cmd::FunctionKill>::value) && session.authenticated() &&
      !session.restricted() && !session.in_multi()) {
    const Error refusal = kills_script ? scripts_->Kill() : scripts_->functions().Kill();
    return refusal ? sink.Error(refusal) : sink.Simple("OK");
  }
  if (gate_.inside()) {
    return serves_others_ ? ExecuteBeside(session, call, sink) : sink.Error(Error(&errors::kReentered));
  }
  Aftermath after;
  {
    const Inside inside(gate_);
    RunFor(session, call, sink, waiter, after);
  }
  after.Settle();
}

void EngineImpl::RunFor(SessionImpl& session, const Invocation& call, ReplySink& sink, Waiter& waiter,
                        Aftermath& after) {
  if (!session.silent()) {
    RunAdmitted(session, call, sink, waiter, after);
  } else if (session.Silently([&](ReplySink& nowhere) { RunAdmitted(session, call, nowhere, waiter, after); })) {
    sink.Simple(call.row == &Row<cmd::Reset>::value ? "RESET" : "OK");
  }
  if (observed_) session.CommandOver(call.row);
}

void EngineImpl::RunAdmitted(SessionImpl& session, const Invocation& call, ReplySink& sink, Waiter& waiter,
                             Aftermath& after) {
  session.client().last_command = call.row;
  try {
    if (server_.settings().number(Setting::kMaxmemory) != 0 || server_.memory_full()) MakeRoom(after);
    Error refusal;
    switch (Admit(session, call, &refusal)) {
      case Verdict::kRefuse:
        return session.Refuse(call.row, refusal, sink);
      case Verdict::kQueue:
        session.Queue(call);
        return sink.Simple("QUEUED");
      case Verdict::kPostpone:
        return Postpone(session, call, sink, waiter);
      case Verdict::kRun:
        break;
    }
    Turn turn(*clock_, server_.limits(), server_.access(), *this);
    Exec x(turn, *this, db(session.db()), session);
    acting_ = &session;
    x.set_mode({.may_park = waiter.may_park});
    session.Begins(turn, call.row);
    const Outcome outcome = Guarded(x, call, sink);
    session.Ends(turn);
    if (outcome.parked()) {
      Park(session, x, call, sink, waiter);
    } else if (outcome.error()) {
      sink.Error(outcome.error());
    }
    CloseTurn(turn, after);
  } catch (const std::bad_alloc&) {
    sink.Error(Error(&errors::kOutOfMemory));
  }
}

namespace {

constexpr Error::Rep kScriptShutdown = {ErrorCode::kErr, "ERR Script killed by SHUTDOWN NOSAVE."};

}  // namespace

Error EngineImpl::ScriptComputes(bool first) {
  const TimeMs now = clock_->NowMonotonic();
  if (first) computes_since_ = now;
  const int64_t threshold = server_.settings().number(Setting::kBusyReplyThreshold);
  if (threshold <= 0 || now - computes_since_ < threshold) return Error();
  serves_others_ = true;
  for (const auto& [whose, serve] : fronts_) serve();
  serves_others_ = false;
  return std::exchange(script_is_over_, false) ? Error(&kScriptShutdown) : Error();
}

namespace {

constexpr Error::Rep kBusyScript = {
    ErrorCode::kBusy, "BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE."};
constexpr Error::Rep kBusyFunction = {
    ErrorCode::kBusy, "BUSY Redis is busy running a script. You can only call FUNCTION KILL or SHUTDOWN NOSAVE."};

// What needs no turn to itself: of the commands that Redis allows meanwhile those that touch no key.
bool MayRunBeside(const Invocation& call) { return call.row->is(kAllowBusy) && call.row != &Row<cmd::Watch>::value; }

bool IsShutdownNoSave(const Invocation& call) {
  return call.row->name() == "SHUTDOWN" && call.argv.size() == 2 && call.argv[1].is_bytes() &&
         IsWord(call.argv[1].bytes, "NOSAVE");
}

}  // namespace

void EngineImpl::ExecuteBeside(SessionImpl& session, const Invocation& call, ReplySink& sink) {
  try {
    Error refusal;
    Admit(session, call, &refusal);
    const bool shutdown = IsShutdownNoSave(call);
    if (!refusal && !shutdown && !MayRunBeside(call)) {
      refusal = Error(scripts_->runs_script() ? &kBusyScript : &kBusyFunction);
    }
    if (refusal) return session.Refuse(call.row, refusal, sink);
    Turn turn(*clock_, server_.limits(), server_.access(), *this);
    Exec x(turn, *this, db(session.db()), session);
    SessionImpl* const acting = std::exchange(acting_, &session);
    const Outcome outcome = Guarded(x, call, sink);
    acting_ = acting;
    if (outcome.error()) return sink.Error(outcome.error());
    // Nobody waits for what the script would still do.
    script_is_over_ = script_is_over_ || shutdown;
  } catch (const std::bad_alloc&) {
    sink.Error(Error(&errors::kOutOfMemory));
  }
}

Error EngineImpl::InTurn(SessionImpl& session, const std::function<Error(Exec&)>& body) {
  if (gate_.inside()) return Error(&errors::kReentered);
  Aftermath after;
  Error error;
  {
    const Inside inside(gate_);
    if (session.client().killed.load(std::memory_order_relaxed)) return Error(&errors::kKilled);
    if (Error refusal = AdmitTurn(session)) return refusal;
    if (server_.settings().number(Setting::kMaxmemory) != 0 || server_.memory_full()) MakeRoom(after);
    Turn turn(*clock_, server_.limits(), server_.access(), *this);
    Exec x(turn, *this, db(session.db()), session);
    acting_ = &session;
    x.set_mode({.in_script = true});
    try {
      error = body(x);
    } catch (const std::bad_alloc&) {
      error = Error(&errors::kOutOfMemory);
    }
    CloseTurn(turn, after);
  }
  after.Settle();
  return error;
}

void EngineImpl::Observe(Exec& x, const Invocation& call, bool before) noexcept {
  const bool shows =
      monitors_.active() && Monitors::Shows(*call.row) && Monitors::ShowsFirst(*call.row) == before && !x.rerunning();
  const bool reads = !before && call.row->is(kReadOnly) && call.row->info->group != Group::kScripting &&
                     x.session().tracking() != nullptr;
  if (!shows && !reads) return;
  // A key that died of age goes first, or its end would be taken for a change of what was read.
  if (reads) x.turn().RemoveDead();
  try {
    ArgList encoded;
    if (call.self != nullptr) call.row->encode(call.self, encoded);
    const Args argv = call.self != nullptr ? encoded.args() : call.argv;
    if (reads) tracking_.Remember(*acting_, *call.row, argv);
    if (!shows) return;
    for (const PubSub::Subscriber& monitor : monitors_.outboxes()) present_.Ring(monitor);
    const Peer* peer = x.in_script() ? nullptr : &acting_->client().peer;
    monitors_.Show(clock_->NowMicros(), x.db().index(), peer, argv);
  } catch (const std::bad_alloc&) {
    // Monitors miss a line; of keys that cannot be remembered nothing may be cached.
    if (reads) tracking_.Lost(*acting_);
  }
}

Outcome EngineImpl::Guarded(Exec& x, const Invocation& call, ReplySink& sink) {
  if (!x.rerunning()) ++server_.stats().commands_processed;
  const bool timed = server_.WantsTime(*call.row, call.argv.size());
  const int64_t start = timed ? clock_->NowMicros() : 0;
  const bool changed_before = x.turn().changed();
  const bool said_before = x.effects_said();
  x.turn().set_changed(false);
  x.set_effects_said(false);
  const int at_db = x.db().index();
  Outcome outcome;
  try {
    if (observed_) [[unlikely]]
      Observe(x, call, true);
    outcome = call.self != nullptr ? call.row->run(x, call.self, sink) : call.row->parse_and_run(x, call.argv, sink);
    if (observed_) [[unlikely]]
      Observe(x, call, false);
  } catch (const std::bad_alloc&) {
    outcome = Error(&errors::kOutOfMemory);
  }
  if (!outcome.parked()) {
    // Only now, as the command may have reset the counters.
    CommandStats& stat = server_.stats().Of(*call.row);
    ++stat.calls;
    if (outcome.error()) {
      NoteFailure(x, stat, outcome.error());
    } else if (script_error_ && !x.in_script()) {
      script_error_ = Error();
    }
    if (timed) NoteTime(x, call, stat, start);
  }
  if (wants_effects() && x.turn().changed() && !x.effects_said()) {
    if (call.self == nullptr) {
      RecordEffect(at_db, call.argv);
    } else {
      ArgList words;
      call.row->encode(call.self, words);
      RecordEffect(at_db, words.args());
    }
  }
  x.turn().set_changed(x.turn().changed() || changed_before);
  x.set_effects_said(said_before);
  return outcome;
}

void EngineImpl::NoteFailure(Exec& x, CommandStats& stat, const Error& error) noexcept {
  ++stat.failed;
  // A script that ends with the error of one of its commands is no second error.
  const bool repeated = !x.in_script() && script_error_ && error.message().starts_with(script_error_.message());
  if (!repeated) server_.stats().CountError(error.message());
  script_error_ = x.in_script() ? error : Error();
}

void EngineImpl::NoteTime(Exec& x, const Invocation& call, CommandStats& stat, int64_t start) noexcept {
  const int64_t end = clock_->NowMicros();
  const int64_t micros = std::max<int64_t>(end - start, 0);
  ++stat.timed_calls;
  stat.timed_micros += micros;
  if (server_.settings().flag(Setting::kLatencyTracking)) stat.histogram.Add(micros);
  try {
    server_.NoteLatency(call.row->is(kFast) ? "fast-command" : "command", end, micros);
    const int64_t threshold = server_.settings().number(Setting::kSlowlogLogSlowerThan);
    if (threshold < 0 || micros < threshold || call.row->is(kSkipSlowlog)) return;
    ArgList encoded;
    if (call.self != nullptr) call.row->encode(call.self, encoded);
    const SessionImpl& session = SessionOf(x);
    server_.slowlog().Add(*call.row, call.self != nullptr ? encoded.args() : call.argv, end / 1'000'000, micros,
                          x.in_script() ? Bytes("?:0") : session.client().peer.address, session.name(),
                          static_cast<size_t>(server_.settings().number(Setting::kSlowlogMaxLen)));
  } catch (const std::bad_alloc&) {
    // A log misses a line.
  }
}

void EngineImpl::MakeRoom(Aftermath& after) {
  const int64_t limit = server_.settings().number(Setting::kMaxmemory);
  server_.set_memory_full(false);
  if (limit == 0) return;
  const int64_t start = clock_->NowMicros();
  Turn turn(*clock_, server_.limits(), server_.access(), *this);
  const int64_t evicted = server_.stats().evicted_keys;
  server_.set_memory_full(!evictor_.MakeRoom(dbs_, limit - StartupMemory(), server_.settings(), rng_, turn));
  if (server_.stats().evicted_keys == evicted) return;
  CloseTurn(turn, after);
  const int64_t end = clock_->NowMicros();
  server_.NoteLatency("eviction-cycle", end, end - start);
}

int64_t EngineImpl::StartupMemory() const {
  return static_cast<int64_t>(sizeof(EngineImpl) + dbs_.size() * sizeof(Db) +
                              Settings::Rows().size() * sizeof(std::string));
}

int64_t EngineImpl::UsedMemory() const {
  int64_t bytes = StartupMemory();
  for (const auto& db : dbs_) bytes += static_cast<int64_t>(db->memory());
  return bytes;
}

void EngineImpl::Measure(Gauges& gauges, TimeMs now) {
  gauges.clients = static_cast<int64_t>(clients_.size());
  gauges.blocked_clients = static_cast<int64_t>(clients_.blocked());
  gauges.timeouts = static_cast<int64_t>(timeouts_.size());
  gauges.pubsub_channels = static_cast<int64_t>(pubsub_.Channels(SubscriptionKind::kChannel).size());
  gauges.pubsub_shard_channels = static_cast<int64_t>(pubsub_.Channels(SubscriptionKind::kShard).size());
  gauges.pubsub_patterns = pubsub_.Patterns();
  gauges.tracking_clients = static_cast<int64_t>(tracking_.sessions());
  gauges.tracking_keys = static_cast<int64_t>(tracking_.keys());
  gauges.tracking_items = static_cast<int64_t>(tracking_.items());
  gauges.tracking_prefixes = static_cast<int64_t>(tracking_.prefixes());
  gauges.startup_memory = gauges.overhead_memory = StartupMemory();
  gauges.used_memory = UsedMemory();
  peak_memory_ = std::max(peak_memory_, gauges.used_memory);
  gauges.peak_memory = peak_memory_;
  gauges.changes = static_cast<int64_t>(snapshots_.changes());
  gauges.last_save = snapshots_.last_save();
  gauges.last_save_failed = snapshots_.last_save_failed();
  for (const auto& db : dbs_) {
    gauges.overhead_memory += static_cast<int64_t>(db->table_bytes() + db->expiry_bytes());
    if (db->size() == 0) continue;
    gauges.databases.push_back({db->index(), static_cast<int64_t>(db->size()), static_cast<int64_t>(db->expiring()),
                                db->AverageTtl(now), static_cast<int64_t>(db->table_bytes()),
                                static_cast<int64_t>(db->expiry_bytes())});
  }
}

Outcome EngineImpl::Call(Exec& x, Args argv, ReplySink& sink) {
  Error unknown;
  const CommandRow* row = commands_.Find(argv, &unknown);
  if (row == nullptr) {
    // A container's name alone is known, but wants another word.
    const bool container = unknown.message().starts_with("ERR wrong number of arguments");
    return Error(container ? &errors::kScriptArity : &errors::kScriptUnknownCommand);
  }
  if (!row->describe().Accepts(argv.size())) return Error(&errors::kScriptArity);
  if (row->is(kNoScriptFlag)) return Error(&errors::kScriptForbidden);
  // A script that has written goes on to its end.
  if (server_.memory_full() && row->is(kDenyOom) && !x.turn().changed() && !x.mode().allow_oom) {
    return Error(&errors::kOverMaxmemory);
  }
  if (Error refusal = SessionOf(x).Permit({row, nullptr, argv}, AclContext::kScript)) return refusal;
  return Run(x, *row, argv, sink);
}

Outcome EngineImpl::Run(Exec& x, Command command, ReplySink& sink) {
  const Invocation call{&command.row(), command.self(), {}};
  if (server_.memory_full() && call.row->is(kDenyOom) && !x.turn().changed()) return Error(&errors::kOverMaxmemory);
  if (Error refusal = SessionOf(x).Permit(call, AclContext::kScript)) return refusal;
  const Exec::Mode mode = x.mode();
  x.set_mode({.in_script = mode.in_script});
  Outcome outcome = Guarded(x, call, sink);
  x.set_mode(mode);
  return outcome;
}

Outcome EngineImpl::Run(Exec& x, const CommandRow& row, Args argv, ReplySink& sink) {
  const Exec::Mode mode = x.mode();
  x.set_mode({.in_script = mode.in_script});
  Outcome outcome = Guarded(x, {&row, nullptr, argv}, sink);
  x.set_mode(mode);
  return outcome;
}

namespace {

// Gives a parked command words of its own.
void KeepWords(const Invocation& call, Parked& parked) {
  std::vector<std::string> words;
  ArgList encoded;
  if (call.self != nullptr) call.row->encode(call.self, encoded);
  char buffer[Arg::kTextBytes];
  for (const Arg& word : call.self != nullptr ? encoded.args() : call.argv) words.emplace_back(word.Text(buffer));
  parked.words = std::move(words);
}

}  // namespace

void EngineImpl::Park(SessionImpl& session, Exec& x, const Invocation& call, ReplySink& sink, Waiter& waiter) {
  const bool was_postponed = waiter.parked != nullptr;
  auto parked = was_postponed ? std::move(waiter.parked) : std::make_shared<Parked>(ready_);
  ParkRequest& request = x.park_request();
  parked->sink = &sink;
  parked->db = x.db().index();
  parked->row = call.row;
  parked->keys = std::move(request.keys);
  parked->deadline = request.deadline;
  parked->on_timeout = request.on_timeout;
  parked->postponed = false;
  if (!request.rewritten.empty()) {
    parked->words = std::move(request.rewritten);
  } else if (!was_postponed) {
    KeepWords(call, *parked);
  }
  Enlist(session, parked);
  if (was_postponed) {
    parked->Nudge();
  } else {
    parked->done = std::move(waiter.done);
  }
  waiter.parked = std::move(parked);
}

void EngineImpl::Postpone(SessionImpl& session, const Invocation& call, ReplySink& sink, Waiter& waiter) {
  const bool again = waiter.parked != nullptr;
  auto parked = again ? std::move(waiter.parked) : std::make_shared<Parked>(ready_);
  parked->sink = &sink;
  parked->row = call.row;
  parked->postponed = true;
  if (!again) KeepWords(call, *parked);
  Enlist(session, parked);
  if (!again) parked->done = std::move(waiter.done);
  waiter.parked = std::move(parked);
}

void EngineImpl::Enlist(SessionImpl& session, const std::shared_ptr<Parked>& parked) {
  parked->session = &session;
  parked->argv.assign(parked->words.begin(), parked->words.end());
  // A postponed command is known to its session already, whose own thread this may not be.
  const bool known = parked->ticket != 0;
  if (!known) parked->ticket = next_ticket_++;
  try {
    parked_[parked->ticket] = parked;
    ++session.client().parked;
    if (parked->deadline != 0) timeouts_.emplace(parked->deadline, parked->ticket);
    for (const std::string& key : parked->keys) listeners_.Add(parked->db, key, parked.get());
    if (!known) session.Remember(parked);
  } catch (...) {
    Unpark(*parked);
    throw;
  }
}

Pause EngineImpl::pause() {
  if (pause_ != Pause::kNobody && clock_->NowMonotonic() >= pause_end_) EndPause();
  return pause_;
}

void EngineImpl::SetPause(Pause whom, TimeMs end) {
  const bool under_way = pause() != Pause::kNobody;
  pause_ = under_way ? std::max(pause_, whom) : whom;
  pause_end_ = under_way ? std::max(pause_end_, end) : end;
}

void EngineImpl::EndPause() {
  pause_ = Pause::kNobody;
  pause_over_ = true;
}

void EngineImpl::RunPostponed(Aftermath& after) {
  pause_over_ = false;
  std::vector<std::shared_ptr<Parked>> held_up;
  for (const auto& [ticket, parked] : parked_) {
    if (parked->postponed) held_up.push_back(parked);
  }
  for (std::shared_ptr<Parked>& parked : held_up) {
    // One of those before may have killed its session.
    if (!parked_.contains(parked->ticket)) continue;
    Unpark(*parked);
    Waiter waiter{.may_park = true, .parked = parked};
    RunFor(*parked->session, {parked->row, nullptr, parked->argv}, *parked->sink, waiter, after);
    if (!parked_.contains(parked->ticket)) after.Add(std::move(parked));
  }
}

TimeMs EngineImpl::DeadlineOf(const Parked& parked) {
  const Inside inside(gate_);
  return parked.postponed ? pause_end_ : parked.deadline;
}

std::shared_ptr<Parked> EngineImpl::Unpark(Parked& parked) noexcept {
  parked.LeaveReady();
  for (const std::string& key : parked.keys) listeners_.Remove(parked.db, key, &parked);
  if (parked.deadline != 0) timeouts_.erase({parked.deadline, parked.ticket});
  const auto it = parked_.find(parked.ticket);
  std::shared_ptr<Parked> self = it == parked_.end() ? nullptr : std::move(it->second);
  if (it != parked_.end()) {
    parked_.erase(it);
    --parked.session->client().parked;
  }
  return self;
}

void EngineImpl::RunReady(Aftermath& after) noexcept {
  SessionImpl* const acting = acting_;
  while (Parked* parked = Parked::TakeReady(ready_)) {
    acting_ = parked->session;
    Turn turn(*clock_, server_.limits(), server_.access(), *this);
    Exec x(turn, *this, db(parked->db), *parked->session);
    x.set_mode({.may_park = true, .rerunning = true});
    const Invocation call{parked->row, nullptr, parked->argv};
    // The user may have lost the permission while it slept.
    const Error refusal = parked->session->Permit(call, AclContext::kTopLevel);
    const Outcome outcome = refusal ? Outcome(refusal) : Guarded(x, call, *parked->sink);
    // A key that has become another type is no reason to wake up: it may become the right one again.
    if (outcome.parked() || outcome.error().code() == ErrorCode::kWrongType) continue;
    if (outcome.error()) parked->sink->Error(outcome.error());
    after.Add(Unpark(*parked));
  }
  acting_ = acting;
}

bool EngineImpl::Unblock(SessionImpl& session, UnblockAs how) {
  return EndAll(session, how == UnblockAs::kError ? Error(&errors::kUnblocked) : Error());
}

bool EngineImpl::EndAll(SessionImpl& session, const Error& error) {
  bool any = false;
  for (auto it = parked_.begin(); it != parked_.end();) {
    Parked& parked = *(it++)->second;
    if (parked.session != &session || (parked.postponed && error.code() != ErrorCode::kClosed)) continue;
    if (error) {
      parked.sink->Error(error);
    } else {
      EmitTimeout(parked.on_timeout, *parked.sink);
    }
    present_.Add(Unpark(parked));
    it = parked_.upper_bound(parked.ticket);
    any = true;
  }
  return any;
}

void EngineImpl::Kill(SessionImpl& session) {
  present_.rung.push_back(session.shared_outbox());
  session.client().killed.store(true, std::memory_order_release);
  session.Quit();
  session.outbox().Announce();
  EndAll(session, Error(&errors::kKilled));
  session.Retire();
}

bool EngineImpl::End(Parked& parked, Ending ending) {
  std::shared_ptr<Parked> self;
  {
    const Inside inside(gate_);
    if (!parked_.contains(parked.ticket)) return false;
    self = Unpark(parked);
    if (ending == Ending::kTimeout) EmitTimeout(parked.on_timeout, *parked.sink);
  }
  if (ending == Ending::kTimeout) self->Finish();
  return true;
}

void EngineImpl::Sleep(const std::shared_ptr<Parked>& parked) {
  // How often a sleeper under a manual clock looks whether it is the only one left: nobody tells it.
  constexpr TimeMs kLookMs = 20;
  std::atomic<bool>& asleep = ThreadToken::Mine()->asleep;
  while (!parked->finished()) {
    if (clock_->runs_by_itself()) {
      const TimeMs deadline = DeadlineOf(*parked);
      const TimeMs left = deadline == 0 ? 0 : deadline - clock_->NowMonotonic();
      if (deadline != 0 && left <= 0) {
        // By Tick, because what is over may be a pause.
        Tick();
        if (!parked->finished() && DeadlineOf(*parked) == deadline) parked->Wait(1, asleep);
      } else {
        parked->Wait(left, asleep);
      }
      continue;
    }
    std::optional<TimeMs> next;
    if (options_.jump_when_idle && EveryoneElseSleeps()) next = NextDeadline();
    if (next) {
      Advance(std::max<TimeMs>(*next - clock_->Now(), 0));
    } else {
      parked->Wait(kLookMs, asleep);
    }
  }
}

bool EngineImpl::EveryoneElseSleeps() {
  const ThreadToken* me = ThreadToken::Mine().get();
  const Inside inside(gate_);
  return std::all_of(threads_.begin(), threads_.end(), [&](const std::weak_ptr<ThreadToken>& weak) {
    const std::shared_ptr<ThreadToken> token = weak.lock();
    return token == nullptr || token.get() == me || token->asleep.load(std::memory_order_relaxed);
  });
}

void EngineImpl::KnowThread(const std::shared_ptr<ThreadToken>& token) {
  const Inside inside(gate_);
  std::erase_if(threads_, [](const std::weak_ptr<ThreadToken>& weak) { return weak.expired(); });
  const bool known = std::any_of(threads_.begin(), threads_.end(),
                                 [&](const std::weak_ptr<ThreadToken>& weak) { return weak.lock() == token; });
  if (!known) threads_.push_back(token);
}

void EngineImpl::ExpireDue(Turn& turn, int limit) {
  if (!server_.active_expire()) return;
  for (const auto& db : dbs_) {
    while (limit > 0) {
      Entry* entry = db->FirstToExpire();
      if (entry == nullptr || !turn.IsDead(*entry)) break;
      turn.Expire(*db, entry);
      --limit;
    }
    while (limit > 0 && db->fields().first_time() <= turn.now()) {
      // A hash may have very many that die at once.
      turn.ExpireFields(*db, db->fields().first(), kFieldsAtOnce);
      --limit;
    }
  }
}

void EngineImpl::CloseTurn(Turn& turn, Aftermath& after) {
  turn.RemoveDead();
  acting_ = nullptr;
  // Nothing changes by itself during a pause.
  if (pause_ == Pause::kNobody && (turn.knows_time() || ++turns_ % kTurnsPerClock == 0)) ExpireDue(turn, kExpireAlong);
  if (ready_.first != nullptr) RunReady(after);
  if (!effects_.each.empty()) FlushEffects();
  if (tracking_.active()) {
    tracking_.EndTurn(static_cast<size_t>(server_.settings().number(Setting::kTrackingTableMaxKeys)));
    for (const PubSub::Subscriber& told : tracking_.rung()) present_.Ring(told);
    tracking_.rung().clear();
  }
  if (!present_.empty()) after.Take(present_);
  if (pause_over_) RunPostponed(after);
}

void EngineImpl::Aftermath::Ring(const PubSub::Subscriber& subscriber) {
  if (std::find(rung.begin(), rung.end(), subscriber) == rung.end()) rung.push_back(subscriber);
}

void EngineImpl::Aftermath::Add(std::shared_ptr<Parked> parked) noexcept {
  Parked* p = parked.get();
  p->self = std::move(parked);
  (last_finished == nullptr ? finished : last_finished->next_finished) = p;
  last_finished = p;
}

void EngineImpl::Aftermath::Take(Aftermath& other) {
  if (other.finished != nullptr) {
    (last_finished == nullptr ? finished : last_finished->next_finished) = other.finished;
    last_finished = other.last_finished;
    other.finished = other.last_finished = nullptr;
  }
  if (rung.empty()) {
    rung.swap(other.rung);
  } else {
    for (const PubSub::Subscriber& subscriber : other.rung) Ring(subscriber);
    other.rung.clear();
  }
}

void EngineImpl::Aftermath::Settle() {
  while (finished != nullptr) {
    const std::shared_ptr<Parked> parked = std::move(finished->self);
    finished = parked->next_finished;
    parked->Finish();
  }
  for (const PubSub::Subscriber& subscriber : rung) subscriber->Ring();
}

Error EngineImpl::Reload(Exec& x, Args words) {
  bool save = true;
  for (const Arg& word : words) {
    char buffer[Arg::kTextBytes];
    const Bytes text = word.Text(buffer);
    // NOFLUSH and MERGE would let what is here already stay; the databases are replaced as a whole.
    if (!IsWord(text, "NOSAVE")) return Error(ErrorCode::kErr, "ERR DEBUG RELOAD only supports the NOSAVE option.");
    save = false;
  }
  return save ? snapshots_.Reload(x.turn()) : snapshots_.LoadFromFile(x.turn());
}

Result<SnapshotReport> EngineImpl::OnSnapshots(const SnapshotCall& call) {
  if (gate_.inside()) return Error(&errors::kReentered);
  Aftermath after;
  Result<SnapshotReport> report;
  {
    const Inside inside(gate_);
    Turn turn(*clock_, server_.limits(), server_.access(), *this);
    try {
      report = call(snapshots_, turn);
    } catch (const std::bad_alloc&) {
      report = Error(&errors::kOutOfMemory);
    }
    CloseTurn(turn, after);
  }
  after.Settle();
  return report;
}

void EngineImpl::Tick() {
  if (gate_.inside()) return;
  // What one call does has an end; what is still due then is so for the next one.
  const int64_t rounds = kTickRounds * server_.settings().number(Setting::kActiveExpireEffort);
  bool more = true;
  for (int64_t round = 0; more; ++round) {
    Aftermath after;
    {
      const Inside inside(gate_);
      Turn turn(*clock_, server_.limits(), server_.access(), *this);
      const TimeMs now = turn.now();
      if (pause() == Pause::kNobody) ExpireDue(turn, kExpireByTick);
      // Keys first: a parked command may have waited for just that.
      const TimeMs monotonic = clock_->NowMonotonic();
      while (!timeouts_.empty() && timeouts_.begin()->first <= monotonic) {
        Parked& parked = *parked_.at(timeouts_.begin()->second);
        EmitTimeout(parked.on_timeout, *parked.sink);
        after.Add(Unpark(parked));
      }
      snapshots_.SaveIfDue(turn);
      CloseTurn(turn, after);
      more = pause_ == Pause::kNobody && server_.active_expire() &&
             std::any_of(dbs_.begin(), dbs_.end(), [now](const auto& db) {
               const Entry* first = db->FirstToExpire();
               return (first != nullptr && first->expiry() <= now) || db->fields().first_time() <= now;
             });
      peak_memory_ = std::max(peak_memory_, UsedMemory());
      if (more && round + 1 >= rounds) {
        ++server_.stats().expired_time_cap_reached;
        more = false;
      }
    }
    after.Settle();
  }
}

std::optional<TimeMs> EngineImpl::NextDeadline() {
  if (gate_.inside()) return std::nullopt;
  const Inside inside(gate_);
  return NextDeadlineInside();
}

std::optional<TimeMs> EngineImpl::NextDeadlineInside() {
  std::optional<TimeMs> next;
  if (pause_ != Pause::kNobody) {
    next = pause_end_ - clock_->NowMonotonic() + clock_->Now();
  }
  for (const auto& db : dbs_) {
    if (pause_ != Pause::kNobody) break;
    const Entry* entry = server_.active_expire() ? db->FirstToExpire() : nullptr;
    if (entry != nullptr && (!next || entry->expiry() < *next)) next = entry->expiry();
    const TimeMs field = server_.active_expire() ? db->fields().first_time() : kNoExpiry;
    if (field != kNoExpiry && (!next || field < *next)) next = field;
  }
  if (const auto save = snapshots_.NextSave(); save && (!next || *save < *next)) next = save;
  if (!timeouts_.empty()) {
    const TimeMs timeout = timeouts_.begin()->first - clock_->NowMonotonic() + clock_->Now();
    if (!next || timeout < *next) next = timeout;
  }
  return next;
}

void EngineImpl::Advance(TimeMs delta) {
  auto* manual = dynamic_cast<ManualClock*>(clock_.get());
  if (manual == nullptr) return Tick();
  const TimeMs end = manual->Now() + delta;
  for (;;) {
    const auto next = NextDeadline();
    if (!next || *next > end) break;
    if (*next > manual->Now()) manual->Set(*next);
    Tick();
  }
  if (manual->Now() < end) manual->Set(end);
  Tick();
}

void EngineImpl::RecordEffect(int db, Args argv) {
  char buffer[Arg::kTextBytes];
  for (const Arg& word : argv) effects_.words.emplace_back(word.Text(buffer));
  effects_.each.push_back({db, argv.size()});
}

void EngineImpl::FlushEffects() {
  EffectSink& sink = *options_.effects;
  if (effects_.each.size() > 1) sink.BeginUnit();
  const std::string* word = effects_.words.data();
  std::vector<Arg> argv;
  for (const Effects::One& one : effects_.each) {
    argv.assign(word, word + one.words);
    sink.Effect(one.db, argv);
    word += one.words;
  }
  if (effects_.each.size() > 1) sink.EndUnit();
  effects_.words.clear();
  effects_.each.clear();
}

void EngineImpl::KeyEvent(Event event, int db, Bytes key) noexcept {
  if (options_.events != nullptr) options_.events->KeyEvent(InfoOf(event).name, db, key);
  const EventClasses wanted = server_.access().events;
  if (wanted != 0 && (wanted & EventClassOf(InfoOf(event).letter)) != 0) Notify(InfoOf(event).name, db, key);
}

void EngineImpl::Notify(Bytes event, int db, Bytes key) noexcept {
  const EventClasses wanted = server_.access().events;
  try {
    const std::string at = std::to_string(db) + "__:";
    if ((wanted & kKeyspaceChannel) != 0) Publish("__keyspace@" + at + std::string(key), event);
    if ((wanted & kKeyeventChannel) != 0) Publish("__keyevent@" + at + std::string(event), key);
  } catch (const std::bad_alloc&) {
    // A message is lost, the change is not.
  }
}

void EngineImpl::KeyExpired(int db, Bytes key) noexcept {
  ++server_.stats().expired_keys;
  RecordRemoval(db, key);
}

void EngineImpl::KeyEvicted(int db, Bytes key) noexcept {
  ++server_.stats().evicted_keys;
  RecordRemoval(db, key);
}

void EngineImpl::RecordRemoval(int db, Bytes key) noexcept {
  if (!wants_effects()) return;
  try {
    const Arg argv[] = {"DEL", key};
    RecordEffect(db, argv);
  } catch (const std::bad_alloc&) {
    // The log misses one DEL; whoever replays it finds the key dead by its own clock.
  }
}

void EngineImpl::DbsSwapped(int a, int b) noexcept {
  const auto held = [&](Bytes key) { return db(a).Find(key) != nullptr || db(b).Find(key) != nullptr; };
  listeners_.FireDb(a, held);
  if (a != b) listeners_.FireDb(b, held);
}

void EngineImpl::FieldExpired(int db, Bytes key, Bytes field) noexcept {
  if (!wants_effects()) return;
  try {
    const Arg argv[] = {"HDEL", key, field};
    RecordEffect(db, argv);
  } catch (const std::bad_alloc&) {
    // As above: the field is dead for whoever replays the log.
  }
}

void EngineImpl::DbChanged(int db) noexcept {
  snapshots_.NoteChanges(this->db(db).size());
  listeners_.FireDb(db, [&](Bytes key) { return this->db(db).Find(key) != nullptr; });
}

}  // namespace dualis::runtime
