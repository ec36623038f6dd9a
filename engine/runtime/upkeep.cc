// EngineImpl: what happens by itself: expiry, eviction, deadlines, save points, the advance of a manual clock.
#include <algorithm>
#include <new>

#include "engine/command/word.h"
#include "engine/runtime/engine_impl.h"

namespace dualis::runtime {
namespace {

constexpr size_t kFieldsAtOnce = 64;
constexpr int kExpireByTick = 256;
// How many rounds of that one call of Tick makes, for each step of active-expire-effort.
constexpr int64_t kTickRounds = 64;

}  // namespace

void EngineImpl::ExpireDue(Turn& turn, int limit) {
  if (!server_.active_expire()) return;
  const bool timed = server_.settings().number(Setting::kLatencyMonitorThreshold) != 0;
  const int64_t start = timed ? clock_->NowMicros() : 0;
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
  if (!timed) return;
  const int64_t end = clock_->NowMicros();
  try {
    server_.NoteLatency("expire-cycle", end, end - start);
  } catch (const std::bad_alloc&) {
    // The monitor misses a spike.
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
      // The limit may have been lowered since the last command.
      if (round == 0 && server_.settings().number(Setting::kMaxmemory) != 0) MakeRoom(after);
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
  const int64_t limit = server_.settings().number(Setting::kMaxmemory);
  if (limit != 0 && !server_.memory_full() && UsedMemory() > limit) next = clock_->Now();
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

}  // namespace dualis::runtime
