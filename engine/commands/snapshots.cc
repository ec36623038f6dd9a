// DUMP and RESTORE, and the commands that save snapshots.
#include "dualis/commands/snapshots.h"

#include "engine/command/exec.h"
#include "engine/command/row.h"
#include "engine/command/snapshot_ops.h"
#include "engine/rdb/dump.h"

namespace dualis::cmd {
namespace {

Result<Ack> RestoreKey(Exec& x, const Restore& c) {
  if (!c.replace && x.Find(c.key) != nullptr) return Error(&errors::kBusyKey);
  int64_t ttl = 0;
  if (!c.ttl.Get(&ttl)) return Error(&errors::kNotInteger);
  if (ttl < 0) return Error(&errors::kInvalidTtl);
  if (!rdb::IsSoundDump(c.serialized_value)) return Error(&errors::kDumpVersion);
  auto value = rdb::ReadDump(c.serialized_value, {x.limits(), x.db().seed()});
  if (!value) return Error(&errors::kDumpFormat);

  TimeMs expiry = kNoExpiry;
  if (ttl != 0) {
    // One too far away to be counted is as good as none.
    if (c.absttl) {
      expiry = ttl;
    } else if (__builtin_add_overflow(ttl, x.now(), &expiry)) {
      expiry = kNoExpiry;
    }
  }
  if (expiry <= x.now()) {
    if (x.Delete(c.key)) x.Effect({"DEL", c.key});
    return Ack{};
  }
  Entry* entry = value->MakeEntry(c.key, expiry);
  const Access& access = x.turn().access();
  // A mark of the kind that the policy does not use is no use.
  if (c.idletime && !access.lfu) entry->set_access(access.MarkOfIdle(*c.idletime));
  if (c.freq && access.lfu) entry->set_access(access.MarkOfFrequency(static_cast<uint8_t>(*c.freq)));
  x.PutEntry(entry);
  value->Release();
  x.SendEvent(Event::kRestore, c.key);
  const Arg effect[] = {
      "RESTORE", c.key,    expiry == kNoExpiry ? 0 : expiry, c.serialized_value,
      "REPLACE", "ABSTTL", c.idletime ? "IDLETIME" : "FREQ", c.idletime ? *c.idletime : c.freq.value_or(0)};
  x.Effect(Args(effect).first(c.idletime || c.freq ? std::size(effect) : std::size(effect) - 2));
  return Ack{};
}

}  // namespace

Outcome Run(ReadExec& x, const Dump& c, ReplySink& sink) {
  const Entry* entry = x.Find(c.key);
  if (entry == nullptr) {
    sink.Null();
  } else {
    sink.Bulk(rdb::Dump(*entry));
  }
  return Outcome();
}

Result<Ack> Run(Exec& x, const Restore& c) { return RestoreKey(x, c); }
Result<Ack> Run(Exec& x, const RestoreAsking& c) { return RestoreKey(x, c); }

Result<Ack> Run(Exec& x, const Save&) {
  if (Error error = x.host().snapshots().SaveToFile(x.turn())) return error;
  return Ack{};
}

Outcome Run(Exec& x, const BgSave&, ReplySink& sink) {
  if (Error error = x.host().snapshots().SaveToFile(x.turn())) return error;
  sink.Simple("Background saving started");
  return Outcome();
}

Result<int64_t> Run(Exec& x, const LastSave&) { return x.host().snapshots().last_save(); }

Outcome Run(ReadExec&, const BgRewriteAof&, ReplySink& sink) {
  sink.Simple("Background append only file rewriting started");
  return Outcome();
}

}  // namespace dualis::cmd

namespace dualis {

Family SnapshotCommands() {
  using namespace cmd;  // NOLINT(google-build-using-namespace): the list names nothing else
  static constexpr const CommandRow* kCommands[] = {
      Add<BgRewriteAof>(), Add<BgSave>(),        Add<Dump>(), Add<LastSave>(),
      Add<Restore>(),      Add<RestoreAsking>(), Add<Save>(),
  };
  return {kCommands};
}

}  // namespace dualis
