#include "engine/runtime/session_impl.h"

#include <algorithm>

#include "dualis/commands/transactions.h"

namespace dualis::runtime {

SessionImpl::SessionImpl(Engine& facade, EngineImpl& engine)
    : facade_(facade), engine_(engine), id_(engine.NextSessionId()) {
  engine_.NoteConnection();
  BecomeDefaultUser();
  client_.connected = client_.last_seen = engine_.clock().Now();
  client_.peer.address = "embedded:" + std::to_string(id_);
  client_.peer.local_address = "embedded:0";
  const InsideAnyhow inside(engine_.gate());
  engine_.registry().Add(*this);
}

SessionImpl::~SessionImpl() {
  for (const auto& [ticket, parked] : tickets_) {
    engine_.End(*parked, EngineImpl::Ending::kSilent);
    parked->Withdraw();
  }
  {
    const Inside inside(engine_.gate());
    Retire();
  }
  outbox_->Close();
}

void SessionImpl::Retire() noexcept {
  engine_.registry().Remove(*this);
  multi_ = nullptr;
  Unwatch();
  UnsubscribeAll();
  StopObserving();
}

void SessionImpl::SetPeer(Peer peer) {
  const InsideAnyhow inside(engine_.gate());
  client_.peer = std::move(peer);
  client_.has_peer = true;
}

size_t SessionImpl::queued_bytes() const {
  size_t bytes = 0;
  if (multi_ == nullptr) return bytes;
  for (const Multi::Queued& queued : multi_->commands) {
    for (const std::string& word : queued.words) bytes += word.size() + sizeof(word);
  }
  return bytes;
}

void SessionImpl::Execute(Command command, ReplySink& sink, Waiter& waiter) {
  NoteThread();
  if (Error error = command.row().check(command.self())) return RefuseUnseen(&command.row(), error, sink);
  engine_.Execute(*this, {&command.row(), command.self(), {}}, sink, waiter);
}

void SessionImpl::Execute(Args argv, ReplySink& sink, Waiter& waiter) {
  NoteThread();
  Error error;
  const CommandRow* row = engine_.commands().Find(argv, &error);
  if (row == nullptr) return RefuseUnseen(nullptr, error, sink);
  if (!row->describe().Accepts(argv.size())) return RefuseUnseen(row, errors::WrongArity(row->name()), sink);
  engine_.Execute(*this, {row, nullptr, argv}, sink, waiter);
}

void SessionImpl::RefuseUnseen(const CommandRow* row, const Error& error, ReplySink& sink) {
  if (engine_.gate().inside()) return sink.Error(Error(&errors::kReentered));
  const Inside inside(engine_.gate());
  client_.last_command = row;
  const Error& why = client_.killed.load(std::memory_order_relaxed) ? Error(&errors::kKilled) : error;
  if (silent()) {
    Silently(sink, [&](ReplySink& nowhere) { Refuse(row, why, nowhere); });
  } else {
    Refuse(row, why, sink);
  }
  CommandOver(row);
}

void SessionImpl::NoteThread() {
  const uintptr_t thread = Gate::ThisThread();
  if (last_thread_ == thread) return;
  last_thread_ = thread;
  if (!engine_.clock().runs_by_itself()) engine_.KnowThread(ThreadToken::Mine());
}

void SessionImpl::Refuse(const CommandRow* row, const Error& error, ReplySink& sink) {
  Stats& stats = engine_.server().stats();
  if (row != nullptr) ++stats.Of(*row).rejected;
  if (row == &Row<cmd::Exec>::value) {
    multi_ = nullptr;
    Unwatch();
    const Error refused = errors::ExecRefused(error);
    stats.CountError(refused.message());
    sink.Error(refused);
    return;
  }
  stats.CountError(error.message());
  if (multi_ != nullptr) multi_->refused = true;
  sink.Error(error);
}

bool SessionImpl::queued_takes_memory() const {
  return multi_ != nullptr && std::any_of(multi_->commands.begin(), multi_->commands.end(),
                                          [](const Multi::Queued& queued) { return (queued.flags & kDenyOom) != 0; });
}

std::shared_ptr<Parked> SessionImpl::Recall(Ticket ticket) {
  const auto it = tickets_.find(ticket);
  if (it == tickets_.end()) return nullptr;
  std::shared_ptr<Parked> parked = it->second;
  return parked;
}

void SessionImpl::ForgetFinished() {
  for (auto it = tickets_.begin(); it != tickets_.end();) {
    it = it->second->finished() ? tickets_.erase(it) : std::next(it);
  }
}

void SessionImpl::Queue(const Invocation& call) {
  Multi::Queued queued{call.row, FlagsOf(engine_, call), {}, {}};
  if (call.self != nullptr && call.row->keep != nullptr) {
    queued.kept = call.row->keep(call.self);
    multi_->commands.push_back(std::move(queued));
    return;
  }
  ArgList encoded;
  if (call.typed()) call.row->encode(call.self, encoded);
  char buffer[Arg::kTextBytes];
  for (const Arg& word : call.typed() ? encoded.args() : call.argv) {
    queued.words.emplace_back(word.Text(buffer));
  }
  multi_->commands.push_back(std::move(queued));
}

Error SessionImpl::Select(int64_t db) {
  if (db < 0 || db >= engine_.databases()) return Error(&errors::kDbOutOfRange);
  db_ = static_cast<int>(db);
  return Error();
}

void SessionImpl::BecomeDefaultUser() {
  user_ = engine_.acl().default_user();
  authenticated_ = engine_.acl().open() && !engine_.acl().broken();
}

Error SessionImpl::Authenticate(Bytes command, Bytes user, Bytes password) {
  std::shared_ptr<User> known = engine_.acl().Authenticate(user, password);
  if (known == nullptr) {
    engine_.acl().Note(Denial::kAuth, in_multi() ? AclContext::kQueue : AclContext::kTopLevel, command, user,
                       ClientInfo(), engine_.clock().Now());
    return Error(&errors::kWrongPass);
  }
  user_ = std::move(known);
  authenticated_ = true;
  return Error();
}

Error SessionImpl::PermitRestricted(const Invocation& call, AclContext context) noexcept {
  try {
    ArgList encoded;
    if (call.typed()) call.row->encode(call.self, encoded);
    const Args argv = call.typed() ? encoded.args() : call.argv;
    const auto refusal = engine_.acl().Judge(*user_, *call.row, argv);
    if (!refusal) return Error();
    if (context == AclContext::kTopLevel || context == AclContext::kQueue) client_.last_command = call.row;
    engine_.acl().Note(refusal->denial.reason, context, refusal->object, user_->name, ClientInfo(),
                       engine_.clock().Now());
    return Acl::Text(*refusal, context);
  } catch (const std::bad_alloc&) {
    return Error(&errors::kOutOfMemory);
  }
}

bool SessionImpl::MayRun(const CommandRow& row, Args argv) {
  return !restricted() || !engine_.acl().Judge(*user_, row, argv);
}

bool SessionImpl::MayReadEveryKey(Command command) {
  if (!restricted()) return true;
  ArgList words;
  command.row().encode(command.self(), words);
  return engine_.acl().MayReadEveryKey(*user_, command.row(), words.args());
}

std::string SessionImpl::ClientInfo() const {
  std::string line;
  if (engine_.registry().Describe(id_, engine_.clock().Now(), line)) line.pop_back();
  return line;
}

void SessionImpl::ForgetUser() {
  user_ = engine_.acl().default_user();
  authenticated_ = false;
}

bool SessionImpl::MayListen() const {
  const Permissions& permissions = user_->permissions;
  const auto allowed = [&](const std::string& name) { return permissions.AllowsChannel(name, false); };
  return std::all_of(channels_.begin(), channels_.end(), allowed) &&
         std::all_of(shards_.begin(), shards_.end(), allowed) &&
         std::all_of(patterns_.begin(), patterns_.end(),
                     [&](const std::string& glob) { return permissions.AllowsChannel(glob, true); });
}

void SessionImpl::Reset() {
  multi_ = nullptr;
  Unwatch();
  UnsubscribeAll();
  StopObserving();
  replies_ = Replies::kOn;
  client_.no_evict = client_.no_touch = false;
  db_ = 0;
  set_protocol(2);
  name_.clear();
  BecomeDefaultUser();
}

Error SessionImpl::BeginMulti() {
  if (multi_ != nullptr) return Error(&errors::kMultiNested);
  multi_ = std::make_unique<Multi>();
  return Error();
}

Error SessionImpl::DiscardMulti() {
  if (multi_ == nullptr) return Error(&errors::kDiscardWithoutMulti);
  multi_ = nullptr;
  Unwatch();
  return Error();
}

Outcome SessionImpl::ExecuteMulti(Exec& x, ReplySink& sink) {
  if (multi_ == nullptr) return Error(&errors::kExecWithoutMulti);
  const std::unique_ptr<Multi> multi = std::move(multi_);
  // A watched key whose time has come counts as changed.
  for (const Watched& watched : watched_) x.turn().FindForWrite(engine_.db(watched.db), watched.key);
  const bool dirty = dirty_;
  Unwatch();
  if (multi->refused) return Error(&errors::kExecAbort);
  if (dirty) {
    sink.NullArray();
    return Outcome();
  }
  x.NoEffect();
  std::vector<Arg> argv;
  sink.Begin(Shape::kArray, multi->commands.size());
  for (const Multi::Queued& queued : multi->commands) {
    argv.assign(queued.words.begin(), queued.words.end());
    x.UseDb(db_);
    const Invocation call{queued.row, queued.kept.get(), argv};
    if (Error refusal = Permit(call, AclContext::kExec)) {
      sink.Error(refusal);
      continue;
    }
    const Outcome outcome = engine_.RunInside(x, call, sink);
    if (outcome.error()) sink.Error(outcome.error());
  }
  sink.End();
  return Outcome();
}

Error SessionImpl::Watch(Exec& x, std::span<const Key> keys) {
  if (multi_ != nullptr) return Error(&errors::kWatchInMulti);
  for (const Key& key : keys) {
    const bool known = std::any_of(watched_.begin(), watched_.end(),
                                   [&](const Watched& w) { return w.db == db_ && w.key == key.name; });
    if (known) continue;
    x.turn().FindForWrite(engine_.db(db_), key.name);
    watched_.push_back({db_, std::string(key.name)});
    try {
      engine_.listeners().Add(db_, key.name, this);
    } catch (...) {
      watched_.pop_back();
      throw;
    }
  }
  return Error();
}

void SessionImpl::Unwatch() {
  for (const Watched& watched : watched_) engine_.listeners().Remove(watched.db, watched.key, this);
  watched_.clear();
  dirty_ = false;
}

std::vector<std::string> SessionImpl::subscribed(SubscriptionKind kind) const {
  const NameSet& names = Names(kind);
  return std::vector<std::string>(names.begin(), names.end());
}

bool SessionImpl::Subscribe(SubscriptionKind kind, Bytes name) {
  auto& names = const_cast<NameSet&>(Names(kind));
  const auto [place, added] = names.emplace(name);
  if (!added) return false;
  try {
    engine_.pubsub().Subscribe(kind, name, outbox_);
  } catch (...) {
    names.erase(place);
    throw;
  }
  CountSubscriptions();
  return true;
}

bool SessionImpl::Unsubscribe(SubscriptionKind kind, Bytes name) {
  auto& names = const_cast<NameSet&>(Names(kind));
  const auto place = names.find(name);
  if (place == names.end()) return false;
  engine_.pubsub().Unsubscribe(kind, name, outbox_);
  names.erase(place);
  CountSubscriptions();
  return true;
}

void SessionImpl::UnsubscribeAll() noexcept {
  for (const auto kind : {SubscriptionKind::kChannel, SubscriptionKind::kPattern, SubscriptionKind::kShard}) {
    auto& names = const_cast<NameSet&>(Names(kind));
    for (const std::string& name : names) engine_.pubsub().Unsubscribe(kind, name, outbox_);
    names.clear();
  }
  CountSubscriptions();
}

uint32_t SessionImpl::queued_flags(const CommandRow& row) const {
  uint32_t flags = 0;
  if (multi_ == nullptr || &row != &Row<cmd::Exec>::value) return flags;
  for (const Multi::Queued& queued : multi_->commands) flags |= queued.flags;
  return flags;
}

void SessionImpl::set_replies(Replies replies) {
  // Silence for one command changes nothing for one who is silent anyhow.
  if (replies == Replies::kSkipNext && replies_ == Replies::kOff) return;
  replies_ = replies;
  skipping_ = false;
}

void SessionImpl::Quit() {
  closing_.store(true, std::memory_order_release);
  // Its own OK is the last thing that a client is sent.
  StopObserving();
}

void SessionImpl::StartMonitor() {
  engine_.monitors().Add(outbox_);
  monitors_ = true;
  engine_.NoteObservers();
}

void SessionImpl::StartTracking(TrackingOptions options) {
  engine_.tracking().Start(*this, std::move(options));
  engine_.NoteObservers();
}

void SessionImpl::StopTracking() {
  engine_.tracking().Stop(*this);
  engine_.NoteObservers();
}

void SessionImpl::StopObserving() noexcept {
  if (tracking_ != nullptr) engine_.tracking().Stop(*this);
  if (monitors_) engine_.monitors().Remove(outbox_);
  monitors_ = false;
  engine_.NoteObservers();
}

void SessionImpl::CommandOver(const CommandRow* row) {
  if (tracking_ == nullptr || !tracking_->caching || multi_ != nullptr) return;
  if (row == nullptr || !row->name().starts_with("CLIENT ")) tracking_->caching = false;
}

}  // namespace dualis::runtime
