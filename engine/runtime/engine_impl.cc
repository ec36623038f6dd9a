#include "engine/runtime/engine_impl.h"

#include <algorithm>
#include <cstring>
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
  server_.access().heard = options_.events != nullptr;
  server_.settings().OnChange(Setting::kDatabases, fit_databases);
  server_.set_measure([this](Gauges& gauges, TimeMs now) { Measure(gauges, now); });
  fit_databases();
  server_.hooks().reload = [this](Exec& x, Args words) { return Reload(x, words); };
  scripts_->set_native(this);
}

EngineImpl::~EngineImpl() = default;

Error EngineImpl::Configure(Bytes name, Bytes value) {
  const Inside inside(gate_);
  return server_.settings().Configure(name, value);
}

void EngineImpl::NoteConnection() {
  if (connected_.load(std::memory_order_acquire)) return;
  commands_.Close();
  const Inside inside(gate_);
  if (acl_ == nullptr) acl_ = std::make_unique<Acl>(commands_, options_.acl, server_, *this);
  connected_.store(true, std::memory_order_release);
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
    Error refusal;
    if (!native_run_.running()) {
      refusal = scripts_->Kill(kills_script ? ScriptKind::kScript : ScriptKind::kFunction);
    } else {
      refusal = kills_script ? native_run_.Kill() : Error(&errors::kBusyScript);
    }
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
  const bool was_silent = waiter.parked != nullptr && waiter.parked->silent;
  if (!session.silent() && !was_silent) {
    RunAdmitted(session, call, sink, waiter, after);
  } else {
    const auto run = [&](ReplySink& nowhere) { RunAdmitted(session, call, nowhere, waiter, after); };
    if (session.Silently(sink, run)) sink.Simple(call.row == &Row<cmd::Reset>::value ? "RESET" : "OK");
    if (waiter.parked != nullptr && waiter.parked->postponed) {
      waiter.parked->sink = &sink;
      waiter.parked->silent = true;
    }
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
    if (call.typed()) call.row->encode(call.self, encoded);
    const Args argv = call.typed() ? encoded.args() : call.argv;
    if (reads) tracking_.Remember(*acting_, *call.row, argv);
    if (!shows) return;
    const Peer* peer = x.in_script() ? nullptr : &acting_->client().peer;
    monitors_.Show(clock_->NowMicros(), x.db().index(), peer, argv, present_.rung);
  } catch (const std::bad_alloc&) {
    // Monitors miss a line; of keys that cannot be remembered nothing may be cached.
    if (reads) tracking_.Lost(*acting_);
  }
}

inline Outcome EngineImpl::RunRow(Exec& x, const Invocation& call, ReplySink& sink) {
  try {
    const auto run = [&] {
      return call.self != nullptr ? call.row->run(x, call.self, sink) : call.row->parse_and_run(x, call.argv, sink);
    };
    if (!observed_) [[likely]]
      return run();
    Observe(x, call, true);
    Outcome outcome = run();
    Observe(x, call, false);
    return outcome;
  } catch (const std::bad_alloc&) {
    return Error(&errors::kOutOfMemory);
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
  x.set_words(call.argv);
  const int at_db = x.db().index();
  Outcome outcome = RunRow(x, call, sink);
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
    if (!call.typed()) {
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
    if (call.typed()) call.row->encode(call.self, encoded);
    const SessionImpl& session = SessionOf(x);
    server_.slowlog().Add(*call.row, call.typed() ? encoded.args() : call.argv, end / 1'000'000, micros,
                          x.in_script() ? Bytes("?:0") : session.client().peer.address, session.name(),
                          static_cast<size_t>(server_.settings().number(Setting::kSlowlogMaxLen)));
  } catch (const std::bad_alloc&) {
    // A log misses a line.
  }
}

Outcome EngineImpl::RefuseInScript(const CommandRow* row, Error error) noexcept {
  if (row != nullptr) ++server_.stats().Of(*row).rejected;
  server_.stats().CountError(error.message());
  script_error_ = error;
  return Outcome(std::move(error));
}

const CommandRow* EngineImpl::FindForScript(Args argv, Error* unknown) {
  const Bytes name = argv.size() > 1 && argv[0].is_bytes() ? argv[0].bytes : Bytes();
  if (name.empty() || name.size() > sizeof NamedRow::name) return commands_.Find(argv, unknown);
  NamedRow& known = named_rows_[(name.size() * 7 + static_cast<uint8_t>(name[0]) + static_cast<uint8_t>(name.back())) %
                                named_rows_.size()];
  if (known.size == name.size() && std::memcmp(known.name, name.data(), name.size()) == 0) return known.row;
  const CommandRow* row = commands_.Find(argv, unknown);
  // Of a container the next word has a say, too.
  if (row != nullptr && row->name().size() == name.size()) {
    known.row = row;
    known.size = static_cast<uint8_t>(name.size());
    name.copy(known.name, name.size());
  }
  return row;
}

Outcome EngineImpl::Call(Exec& x, Args argv, ReplySink& sink) {
  Error unknown;
  const CommandRow* row = FindForScript(argv, &unknown);
  if (row == nullptr) {
    // A container's name alone is known, but wants another word.
    const bool container = unknown.message().starts_with("ERR wrong number of arguments");
    return RefuseInScript(row, Error(container ? &errors::kScriptArity : &errors::kScriptUnknownCommand));
  }
  if (!row->describe().Accepts(argv.size())) return RefuseInScript(row, Error(&errors::kScriptArity));
  if (row->is(kNoScriptFlag) && !(scripts_->admits_server_commands() && row->info->group == Group::kServer)) {
    return RefuseInScript(row, Error(&errors::kScriptForbidden));
  }
  return CallKnown(x, *row, nullptr, argv, sink);
}

Outcome EngineImpl::CallKnown(Exec& x, const CommandRow& row, const void* self, Args argv, ReplySink& sink) {
  // A script that has written goes on to its end.
  if (server_.memory_full() && row.is(kDenyOom) && !x.turn().changed() && !x.mode().allow_oom) {
    return RefuseInScript(&row, Error(&errors::kOverMaxmemory));
  }
  const Invocation call{&row, self, argv};
  if (Error refusal = SessionOf(x).Permit(call, AclContext::kScript)) return RefuseInScript(&row, std::move(refusal));
  return RunInside(x, call, sink);
}

Outcome EngineImpl::Run(Exec& x, Command command, ReplySink& sink) {
  const Invocation call{&command.row(), command.self(), {}};
  if (server_.memory_full() && call.row->is(kDenyOom) && !x.turn().changed()) return Error(&errors::kOverMaxmemory);
  if (Error refusal = SessionOf(x).Permit(call, AclContext::kScript)) return refusal;
  return RunInside(x, call, sink);
}

Outcome EngineImpl::RunInside(Exec& x, const Invocation& call, ReplySink& sink) {
  const Exec::Mode mode = x.mode();
  x.set_mode({.in_script = mode.in_script});
  Outcome outcome = Guarded(x, call, sink);
  x.set_mode(mode);
  return outcome;
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
    present_.rung.Take(tracking_.rung());
  }
  if (!present_.empty()) after.Take(present_);
  if (pause_over_) RunPostponed(after);
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
  rung.Take(other.rung);
}

void EngineImpl::Aftermath::SettleAll() {
  while (finished != nullptr) {
    const std::shared_ptr<Parked> parked = std::move(finished->self);
    finished = parked->next_finished;
    parked->Finish();
  }
  rung.Ring();
}

}  // namespace dualis::runtime
