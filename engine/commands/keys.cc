// Commands on keys of any type.
#include "dualis/commands/keys.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>

#include "engine/command/exec.h"
#include "engine/command/help.h"
#include "engine/command/row.h"
#include "engine/command/word.h"
#include "engine/commands/encodings.h"
#include "engine/commands/expiry.h"
#include "engine/commands/scanning.h"
#include "engine/core/number_text.h"

namespace dualis::cmd {
namespace {

int64_t DeleteAll(Exec& x, const Many<Key>& keys) {
  int64_t removed = 0;
  for (const Key& key : keys) removed += x.Delete(key) ? 1 : 0;
  return removed;
}

// The common course of EXPIRE and its kin.
Result<bool> SetExpiry(Exec& x, const Key& key, const Late<int64_t>& time, ExpiryUnit unit, ExpireConditions when,
                       Bytes name) {
  int64_t amount = 0;
  if (!time.Get(&amount)) return Error(&errors::kNotInteger);
  const auto moment = ExpiryMoment(x, amount, unit, false, name);
  if (!moment) return moment.error();
  const Entry* entry = x.FindForWrite(key);
  if (entry == nullptr) return false;
  const TimeMs old = entry->expiry();
  if (when.nx && old != kNoExpiry) return false;
  if (when.xx && old == kNoExpiry) return false;
  if (when.gt && (old == kNoExpiry || *moment <= old)) return false;
  if (when.lt && old != kNoExpiry && *moment >= old) return false;
  if (*moment <= x.now()) {
    x.Delete(key);
    x.Effect({"DEL", key});
    return true;
  }
  x.SetExpiry(key, *moment);
  x.SendEvent(Event::kExpire, key);
  x.Effect({"PEXPIREAT", key, *moment});
  return true;
}

// What the four TTL commands report: `left` of the expiry, or -1, or -2.
template <class F>
int64_t AgeOf(ReadExec& x, const Key& key, F&& left) {
  const Entry* entry = x.Ask(key);
  if (entry == nullptr) return -2;
  return entry->expiry() == kNoExpiry ? -1 : left(entry->expiry());
}

Result<bool> MoveKey(Exec& x, const Key& key, const Key& newkey, bool only_if_missing) {
  if (x.FindForWrite(key) == nullptr) return Error(&errors::kNoSuchKey);
  if (only_if_missing && x.FindForWrite(newkey) != nullptr) return false;
  if (key.name == newkey.name) return true;
  x.Rename(key, newkey);
  x.SendEvent(Event::kRenameFrom, key);
  x.SendEvent(Event::kRenameTo, newkey);
  return true;
}

}  // namespace

bool Scan::IsCursor(Bytes text) {
  // As strtoul reads it, with nothing before and nothing behind but a NUL.
  const std::string digits(text);
  if (digits.find_first_of(" \t\n\v\f\r") == 0) return false;
  char* end = nullptr;
  errno = 0;
  std::strtoull(digits.c_str(), &end, 10);
  return *end == '\0' && errno != ERANGE;
}

Result<int64_t> Run(Exec& x, const Del& c) { return DeleteAll(x, c.keys); }
Result<int64_t> Run(Exec& x, const Unlink& c) { return DeleteAll(x, c.keys); }
Result<int64_t> Run(ReadExec& x, const Exists& c) {
  int64_t found = 0;
  for (const Key& key : c.keys) found += x.Ask(key) != nullptr ? 1 : 0;
  return found;
}
Result<int64_t> Run(ReadExec& x, const Touch& c) {
  int64_t found = 0;
  for (const Key& key : c.keys) found += x.Find(key) != nullptr ? 1 : 0;
  return found;
}

Outcome Run(ReadExec& x, const Type& c, ReplySink& sink) {
  const Entry* entry = x.Ask(c.key);
  sink.Simple(entry == nullptr ? "none" : TypeName(entry->type()));
  return Outcome();
}

Result<bool> Run(Exec& x, const Expire& c) {
  return SetExpiry(x, c.key, c.seconds, ExpiryUnit::kSeconds, c.when, c.kInfo.name);
}
Result<bool> Run(Exec& x, const PExpire& c) {
  return SetExpiry(x, c.key, c.milliseconds, ExpiryUnit::kMillis, c.when, c.kInfo.name);
}
Result<bool> Run(Exec& x, const ExpireAt& c) {
  return SetExpiry(x, c.key, c.unix_seconds, ExpiryUnit::kUnixSeconds, c.when, c.kInfo.name);
}
Result<bool> Run(Exec& x, const PExpireAt& c) {
  return SetExpiry(x, c.key, c.unix_milliseconds, ExpiryUnit::kUnixMillis, c.when, c.kInfo.name);
}

Result<int64_t> Run(ReadExec& x, const Ttl& c) {
  return AgeOf(x, c.key, [&](TimeMs at) { return (at - x.now() + 500) / 1000; });
}
Result<int64_t> Run(ReadExec& x, const PTtl& c) {
  return AgeOf(x, c.key, [&](TimeMs at) { return at - x.now(); });
}
Result<int64_t> Run(ReadExec& x, const ExpireTime& c) {
  return AgeOf(x, c.key, [](TimeMs at) { return at / 1000 + (at % 1000 >= 500 ? 1 : 0); });
}
Result<int64_t> Run(ReadExec& x, const PExpireTime& c) {
  return AgeOf(x, c.key, [](TimeMs at) { return at; });
}

Result<bool> Run(Exec& x, const Persist& c) {
  const Entry* entry = x.FindForWrite(c.key);
  if (entry == nullptr || entry->expiry() == kNoExpiry) return false;
  x.SetExpiry(c.key, kNoExpiry);
  x.SendEvent(Event::kPersist, c.key);
  return true;
}

Outcome Run(ReadExec& x, const Keys& c, ReplySink& sink) {
  sink.Begin(Shape::kArray, kUnknownCount);
  if (c.pattern.glob.find_first_of("*?[\\") == Bytes::npos) {
    if (x.Find(Key(c.pattern.glob)) != nullptr) sink.Bulk(c.pattern.glob);
  } else {
    x.db().ForEach([&](const Entry& entry) {
      if (Matches(c.pattern.glob, entry.key()) && !x.IsDead(entry)) sink.Bulk(entry.key());
    });
  }
  sink.End();
  return Outcome();
}

Outcome Run(ReadExec& x, const Scan& c, ReplySink& sink) {
  std::vector<const Entry*> found;
  const auto count = static_cast<size_t>(c.count.value_or(10));
  const uint64_t next = x.db().Scan(ParseCursor(c.cursor), count, [&](const Entry& entry) {
    if (c.match && !Matches(c.match->glob, entry.key())) return;
    if (c.type && !SameWord(TypeName(entry.type()), *c.type)) return;
    if (!x.IsDead(entry)) found.push_back(&entry);
  });
  char buffer[kInt64Chars];
  sink.Begin(Shape::kArray, 2);
  sink.Bulk(FormatUint64(next, buffer));
  sink.Begin(Shape::kArray, found.size());
  for (const Entry* entry : found) sink.Bulk(entry->key());
  sink.End();
  sink.End();
  return Outcome();
}

Outcome Run(Exec& x, const RandomKey&, ReplySink& sink) {
  // Dead keys are passed over, as often as it takes within reason.
  for (int tries = 0; tries < 100; ++tries) {
    const Entry* entry = x.db().Random(x.rng());
    if (entry == nullptr) break;
    if (x.IsDead(*entry)) continue;
    sink.Bulk(entry->key());
    return Outcome();
  }
  sink.Null();
  return Outcome();
}

Result<Ack> Run(Exec& x, const Rename& c) {
  const auto moved = MoveKey(x, c.key, c.newkey, false);
  if (!moved) return moved.error();
  return Ack{};
}

Result<bool> Run(Exec& x, const RenameNx& c) { return MoveKey(x, c.key, c.newkey, true); }

Result<int64_t> Run(ReadExec& x, const DbSize&) { return static_cast<int64_t>(x.db().size()); }

Result<Ack> Run(Exec& x, const FlushAll&) {
  x.FlushAll();
  return Ack{};
}

Result<Ack> Run(Exec& x, const FlushDb&) {
  x.FlushDb();
  return Ack{};
}

Outcome Run(ReadExec& x, const ObjectEncoding& c, ReplySink& sink) {
  const Entry* entry = x.Inspect(c.key);
  if (entry == nullptr) {
    sink.Null();
  } else {
    sink.Bulk(EncodingOf(*entry));
  }
  return Outcome();
}

Outcome Run(ReadExec& x, const ObjectRefCount& c, ReplySink& sink) {
  // Redis keeps one object for each integer below this.
  constexpr int64_t kShared = 10000;
  const Entry* entry = x.Find(c.key);
  if (entry == nullptr) {
    sink.Null();
    return Outcome();
  }
  const auto number = entry->type() == ValueType::kString && EncodingOf(*entry) == "int"
                          ? ParseInt64(entry->string().view())
                          : std::nullopt;
  sink.Int(number && *number >= 0 && *number < kShared ? INT32_MAX : 1);
  return Outcome();
}

Outcome Run(ReadExec&, const ObjectHelp&, ReplySink& sink) {
  static constexpr Bytes kLines[] = {
      "ENCODING <key>",
      "    Return the kind of internal representation used in order to store the value",
      "    associated with a <key>.",
      "FREQ <key>",
      "    Return the access frequency index of the <key>. The returned integer is",
      "    proportional to the logarithm of the recent access frequency of the key.",
      "IDLETIME <key>",
      "    Return the idle time of the <key>, that is the approximated number of",
      "    seconds elapsed since the last access to the key.",
      "REFCOUNT <key>",
      "    Return the number of references of the value associated with the specified",
      "    <key>.",
  };
  return EmitHelp("OBJECT", kLines, sink);
}

}  // namespace dualis::cmd

namespace dualis {

Family KeyCommands() {
  using namespace cmd;  // NOLINT(google-build-using-namespace): the list names nothing else
  static constexpr const CommandRow* kCommands[] = {
      Add<DbSize>(),    Add<Del>(),         Add<Exists>(),         Add<Expire>(),
      Add<ExpireAt>(),  Add<ExpireTime>(),  Add<FlushAll>(),       Add<FlushDb>(),
      Add<Keys>(),      Add<Ttl>(),         Add<PTtl>(),           Add<ObjectEncoding>(),
      Add<Persist>(),   Add<PExpire>(),     Add<Touch>(),          Add<Type>(),
      Add<Scan>(),      Add<Unlink>(),      Add<ObjectRefCount>(), Add<ObjectHelp>(),
      Add<PExpireAt>(), Add<PExpireTime>(), Add<RandomKey>(),      Add<Rename>(),
      Add<RenameNx>(),
  };
  return {kCommands};
}

}  // namespace dualis
