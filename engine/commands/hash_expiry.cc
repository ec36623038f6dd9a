// Fields of hashes that die. The keyspace removes dead fields before a command sees the hash (Turn::Find), so that here
// every field lives.
#include "dualis/commands/hash_expiry.h"

#include "engine/command/exec.h"
#include "engine/command/row.h"
#include "engine/commands/families.h"
#include "engine/types/hash.h"

namespace dualis::cmd {
namespace {

constexpr TimeMs kNever = FieldTimes::kNever;

void EmitNoFields(size_t fields, ReplySink& sink) {
  sink.Begin(Shape::kArray, fields);
  for (size_t i = 0; i < fields; ++i) sink.Int(kNoSuchField);
  sink.End();
}

// Emits what `ask(time)` makes of each field's time, kNever included.
template <class Ask>
Outcome EmitTimes(ReadExec& x, const AskFields& c, ReplySink& sink, Ask ask) {
  const auto hash = x.Read<Hash>(c.key);
  if (!hash) return hash.error();
  if (c.late.error) return c.late.error;
  if (*hash == nullptr) {
    EmitNoFields(c.fields.size(), sink);
    return Outcome();
  }
  sink.Begin(Shape::kArray, c.fields.size());
  for (Bytes field : c.fields) {
    const TimeMs time = (*hash)->TimeOf(field);
    if (time != kNever) {
      sink.Int(ask(time));
    } else {
      sink.Int((*hash)->Contains(field) ? kFieldNoTime : kNoSuchField);
    }
  }
  sink.End();
  return Outcome();
}

bool Holds(FieldCondition condition, TimeMs present, TimeMs wanted) {
  switch (condition) {
    case FieldCondition::kAlways:
      return true;
    case FieldCondition::kNoTime:
      return present == kNever;
    case FieldCondition::kHasTime:
      return present != kNever;
    case FieldCondition::kLater:
      return wanted > present;
    case FieldCondition::kSooner:
      return wanted < present;
  }
  return false;
}

template <class C>
Outcome SetTimes(Exec& x, const C& c, ReplySink& sink) {
  auto hash = x.WriteExisting<Hash>(c.key);
  if (!hash) return hash.error();
  Edit<Hash>& edit = *hash;
  if (edit) edit.Unchanged();
  if (c.late.error) return c.late.error;
  const TimeMs base = C::kFromNow ? x.now() : 0;
  if (c.time > kLastFieldTimeMs / C::kUnitMs || c.time * C::kUnitMs > kLastFieldTimeMs - base) {
    return errors::InvalidExpire(C::kInfo.name);
  }
  const TimeMs when = base + c.time * C::kUnitMs;
  if (!edit) {
    EmitNoFields(c.fields.size(), sink);
    return Outcome();
  }

  edit.PrepareFieldTimes();
  x.NoEffect();
  std::vector<FieldReply> replies;
  replies.reserve(c.fields.size());
  ArgList timed;
  ArgList deleted;
  for (Bytes field : c.fields) {
    if (!edit->Contains(field)) {
      replies.push_back(kNoSuchField);
    } else if (!Holds(c.condition, edit->TimeOf(field), when)) {
      replies.push_back(kFieldUnchanged);
    } else if (when <= x.now()) {
      edit->Erase(field);
      edit.ChangedSilently();
      deleted.Add(field);
      replies.push_back(kFieldDeleted);
    } else {
      edit->SetTime(field, when);
      edit.ChangedSilently();
      timed.Add(field);
      replies.push_back(kFieldChanged);
    }
  }
  if (timed.size() > 0) {
    edit.Changed(Event::kHExpire);
    ArgList effect;
    for (Arg word :
         {Arg("HPEXPIREAT"), Arg(c.key.name), Arg(when), Arg("FIELDS"), Arg(static_cast<int64_t>(timed.size()))}) {
      effect.Add(word);
    }
    for (const Arg& field : timed.args()) effect.Add(field);
    x.Effect(effect.args());
  }
  if (deleted.size() > 0) {
    edit.Changed(Event::kHDel);
    ArgList effect;
    effect.Add("HDEL");
    effect.Add(c.key);
    for (const Arg& field : deleted.args()) effect.Add(field);
    x.Effect(effect.args());
  }
  sink.Begin(Shape::kArray, replies.size());
  for (FieldReply reply : replies) sink.Int(reply);
  sink.End();
  return Outcome();
}

int64_t SecondsUp(TimeMs ms) { return (ms + 999) / 1000; }

}  // namespace

Outcome Run(Exec& x, const HExpire& c, ReplySink& sink) { return SetTimes(x, c, sink); }
Outcome Run(Exec& x, const HPExpire& c, ReplySink& sink) { return SetTimes(x, c, sink); }
Outcome Run(Exec& x, const HExpireAt& c, ReplySink& sink) { return SetTimes(x, c, sink); }
Outcome Run(Exec& x, const HPExpireAt& c, ReplySink& sink) { return SetTimes(x, c, sink); }

Outcome Run(ReadExec& x, const HTtl& c, ReplySink& sink) {
  return EmitTimes(x, c, sink, [&](TimeMs time) { return SecondsUp(time - x.now()); });
}
Outcome Run(ReadExec& x, const HPTtl& c, ReplySink& sink) {
  return EmitTimes(x, c, sink, [&](TimeMs time) { return time - x.now(); });
}
Outcome Run(ReadExec& x, const HExpireTime& c, ReplySink& sink) {
  return EmitTimes(x, c, sink, [](TimeMs time) { return SecondsUp(time); });
}
Outcome Run(ReadExec& x, const HPExpireTime& c, ReplySink& sink) {
  return EmitTimes(x, c, sink, [](TimeMs time) { return time; });
}

Outcome Run(Exec& x, const HPersist& c, ReplySink& sink) {
  auto hash = x.WriteExisting<Hash>(c.key);
  if (!hash) return hash.error();
  Edit<Hash>& edit = *hash;
  if (edit) edit.Unchanged();
  if (c.late.error) return c.late.error;
  if (!edit) {
    EmitNoFields(c.fields.size(), sink);
    return Outcome();
  }
  bool changed = false;
  sink.Begin(Shape::kArray, c.fields.size());
  for (Bytes field : c.fields) {
    if (edit->TimeOf(field) != kNever) {
      edit->SetTime(field, kNever);
      changed = true;
      sink.Int(kFieldChanged);
    } else {
      sink.Int(edit->Contains(field) ? kFieldNoTime : kNoSuchField);
    }
  }
  sink.End();
  if (changed) edit.Changed(Event::kHPersist);
  return Outcome();
}

}  // namespace dualis::cmd

namespace dualis {

using namespace cmd;  // NOLINT(google-build-using-namespace): the list names nothing else

Family HashExpiryCommands() {
  static constexpr const CommandRow* kCommands[] = {
      Add<HExpire>(),    Add<HExpireAt>(),    Add<HExpireTime>(), Add<HPersist>(), Add<HPExpire>(),
      Add<HPExpireAt>(), Add<HPExpireTime>(), Add<HPTtl>(),       Add<HTtl>(),
  };
  return {kCommands};
}

}  // namespace dualis
