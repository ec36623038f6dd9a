// String commands.
#include "dualis/commands/strings.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "engine/command/exec.h"
#include "engine/command/row.h"
#include "engine/command/word.h"
#include "engine/commands/expiry.h"
#include "engine/core/number_text.h"

namespace dualis::cmd {
namespace {

// The integer that a string holds; an absent one is 0.
Result<int64_t> NumberIn(const Edit<String>& value) {
  if (value.created()) return int64_t{0};
  const auto number = ParseInt64(value.view());
  if (!number) return Error(&errors::kNotInteger);
  return *number;
}

Result<int64_t> Increment(Exec& x, const Key& key, int64_t by) {
  auto value = x.Write<String>(key);
  if (!value) return value.error();
  const auto old = NumberIn(*value);
  int64_t sum = 0;
  if (!old || __builtin_add_overflow(*old, by, &sum)) {
    value->Unchanged();
    return old ? Error(&errors::kIncrOverflow) : old.error();
  }
  char buffer[kInt64Chars];
  value->Assign(FormatInt64(sum, buffer));
  value->Changed(Event::kIncrBy);
  return sum;
}

void EmitString(const String* value, ReplySink& sink) {
  if (value == nullptr) {
    sink.Null();
  } else {
    sink.Bulk(value->view());
  }
}

// The course of SETEX and PSETEX.
Result<Ack> SetWithExpiry(Exec& x, const Key& key, int64_t amount, ExpiryUnit unit, Bytes value, Bytes name) {
  const auto moment = ExpiryMoment(x, amount, unit, true, name);
  if (!moment) return moment.error();
  x.PutString(key, value, *moment);
  x.SendEvent(Event::kSet, key);
  x.SendEvent(Event::kExpire, key);
  x.Effect({"SET", key, value, "PXAT", *moment});
  return Ack{};
}

}  // namespace

Outcome Run(ReadExec& x, const Get& c, ReplySink& sink) {
  const auto value = x.Read<String>(c.key);
  if (!value) return value.error();
  EmitString(*value, sink);
  return Outcome();
}

bool Set::FindKeys(Args argv, std::vector<KeyPosition>* keys) {
  constexpr size_t kFirstOption = 3;
  char buffer[Arg::kTextBytes];
  const bool get =
      argv.size() > kFirstOption && std::any_of(argv.begin() + kFirstOption, argv.end(),
                                                [&](const Arg& word) { return IsWord(word.Text(buffer), "GET"); });
  keys->assign(1, {1, static_cast<uint16_t>(get ? kKeyRW | kKeyAccess | kKeyUpdate : kKeyOW | kKeyUpdate)});
  return true;
}

Outcome Run(Exec& x, const Set& c, ReplySink& sink) {
  TimeMs expiry = kNoExpiry;
  const bool timed = c.unit != ExpiryUnit::kNone && c.unit != ExpiryUnit::kKeepTtl;
  if (timed) {
    int64_t amount = 0;
    if (!c.expiry.Get(&amount)) return Error(&errors::kNotInteger);
    const auto moment = ExpiryMoment(x, amount, c.unit, true, c.kInfo.name);
    if (!moment) return moment.error();
    expiry = *moment;
  }
  std::optional<std::string> previous;
  if (c.get || c.condition != Set::Condition::kAlways || c.unit == ExpiryUnit::kKeepTtl) {
    const Entry* old = c.get ? x.Find(c.key) : x.FindForWrite(c.key);
    if (c.get && old != nullptr && old->type() != ValueType::kString) return Error(&errors::kWrongType);
    // A copy: the value goes before it is certain that the new one finds memory.
    if (c.get && old != nullptr) previous.emplace(old->string().view());
    if (c.condition != Set::Condition::kAlways && (old != nullptr) != (c.condition == Set::Condition::kIfExists)) {
      Emit(sink, previous);
      return Outcome();
    }
    if (c.unit == ExpiryUnit::kKeepTtl && old != nullptr) expiry = old->expiry();
  }
  x.PutString(c.key, c.value, expiry);
  x.SendEvent(Event::kSet, c.key);
  if (timed) {
    x.SendEvent(Event::kExpire, c.key);
    x.Effect({"SET", c.key, c.value, "PXAT", expiry});
  } else if (c.get) {
    if (c.unit == ExpiryUnit::kKeepTtl) {
      x.Effect({"SET", c.key, c.value, "KEEPTTL"});
    } else {
      x.Effect({"SET", c.key, c.value});
    }
  }
  if (c.get) {
    Emit(sink, previous);
  } else {
    sink.Simple("OK");
  }
  return Outcome();
}

Result<Ack> Run(Exec& x, const SetEx& c) {
  return SetWithExpiry(x, c.key, c.seconds, ExpiryUnit::kSeconds, c.value, c.kInfo.name);
}

Result<Ack> Run(Exec& x, const PSetEx& c) {
  return SetWithExpiry(x, c.key, c.milliseconds, ExpiryUnit::kMillis, c.value, c.kInfo.name);
}

Outcome Run(Exec& x, const GetSet& c, ReplySink& sink) {
  const auto old = x.Read<String>(c.key);
  if (!old) return old.error();
  std::optional<std::string> previous;
  if (*old != nullptr) previous.emplace((*old)->view());
  x.PutString(c.key, c.value);
  x.SendEvent(Event::kSet, c.key);
  x.Effect({"SET", c.key, c.value});
  Emit(sink, previous);
  return Outcome();
}

Outcome Run(Exec& x, const GetDel& c, ReplySink& sink) {
  const auto value = x.Read<String>(c.key);
  if (!value) return value.error();
  EmitString(*value, sink);
  if (*value != nullptr) {
    x.Delete(c.key);
    x.Effect({"DEL", c.key});
  }
  return Outcome();
}

Outcome Run(Exec& x, const GetEx& c, ReplySink& sink) {
  const auto value = x.Read<String>(c.key);
  if (!value) return value.error();
  TimeMs expiry = kNoExpiry;
  const bool timed = c.unit != ExpiryUnit::kNone && c.unit != ExpiryUnit::kPersist;
  if (*value != nullptr && timed) {
    int64_t amount = 0;
    if (!c.expiry.Get(&amount)) return Error(&errors::kNotInteger);
    const auto moment = ExpiryMoment(x, amount, c.unit, true, c.kInfo.name);
    if (!moment) return moment.error();
    expiry = *moment;
  }
  if (*value == nullptr) {
    sink.Null();
    return Outcome();
  }
  const std::string text((*value)->view());
  if (timed && expiry <= x.now()) {
    x.Delete(c.key);
    x.Effect({"UNLINK", c.key});
  } else if (timed) {
    x.SetExpiry(c.key, expiry);
    x.SendEvent(Event::kExpire, c.key);
    x.Effect({"PEXPIREAT", c.key, expiry});
  } else if (c.unit == ExpiryUnit::kPersist && x.Find(c.key)->expiry() != kNoExpiry) {
    x.SetExpiry(c.key, kNoExpiry);
    x.SendEvent(Event::kPersist, c.key);
    x.Effect({"PERSIST", c.key});
  }
  sink.Bulk(text);
  return Outcome();
}

Result<int64_t> Run(Exec& x, const Incr& c) { return Increment(x, c.key, 1); }
Result<int64_t> Run(Exec& x, const Decr& c) { return Increment(x, c.key, -1); }
Result<int64_t> Run(Exec& x, const IncrBy& c) { return Increment(x, c.key, c.increment); }
Result<int64_t> Run(Exec& x, const DecrBy& c) {
  if (c.decrement == INT64_MIN) return Error(&errors::kDecrOverflow);
  return Increment(x, c.key, -c.decrement);
}

Outcome Run(Exec& x, const IncrByFloat& c, ReplySink& sink) {
  auto value = x.Write<String>(c.key);
  if (!value) return value.error();
  char word[Arg::kTextBytes];
  const auto old = value->created() ? std::optional<long double>(0) : ParseLongDouble(value->view());
  const auto by = ParseLongDouble(c.increment.word().Text(word));
  const long double sum = old && by ? *old + *by : 0;
  if (!old || !by || std::isnan(sum) || std::isinf(sum)) {
    value->Unchanged();
    return Error(old && by ? &errors::kIncrNotFinite : &errors::kNotFloat);
  }
  char buffer[kLongDoubleChars];
  const Bytes text = FormatLongDouble(sum, buffer);
  value->Assign(text, StringForm::kComputed);
  value->Changed(Event::kIncrByFloat);
  x.Effect({"SET", c.key, text, "KEEPTTL"});
  sink.Bulk(text);
  return Outcome();
}

Result<int64_t> Run(Exec& x, const Append& c) {
  auto value = x.Write<String>(c.key);
  if (!value) return value.error();
  if (value->size() + c.value.size() > kMaxStringBytes) {
    value->Unchanged();
    return Error(&errors::kStringTooLong);
  }
  if (value->created()) {
    value->Assign(c.value);
  } else {
    value->Append(c.value);
  }
  value->Changed(Event::kAppend);
  return static_cast<int64_t>(value->size());
}

Result<int64_t> Run(ReadExec& x, const StrLen& c) {
  const auto value = x.Read<String>(c.key);
  if (!value) return value.error();
  return *value == nullptr ? int64_t{0} : static_cast<int64_t>((*value)->size());
}

Outcome Run(ReadExec& x, const GetRange& c, ReplySink& sink) {
  const auto value = x.Read<String>(c.key);
  if (!value) return value.error();
  const Bytes text = *value == nullptr ? Bytes() : (*value)->view();
  const auto size = static_cast<int64_t>(text.size());
  int64_t start = c.start;
  int64_t end = c.end;
  if (size == 0 || (start < 0 && end < 0 && start > end)) {
    sink.Bulk({});
    return Outcome();
  }
  if (start < 0) start = std::max<int64_t>(start + size, 0);
  if (end < 0) end = std::max<int64_t>(end + size, 0);
  end = std::min(end, size - 1);
  sink.Bulk(start > end ? Bytes() : text.substr(static_cast<size_t>(start), static_cast<size_t>(end - start + 1)));
  return Outcome();
}

Outcome Run(ReadExec& x, const SubStr& c, ReplySink& sink) { return Run(x, GetRange{c.key, c.start, c.end}, sink); }

Result<int64_t> Run(Exec& x, const SetRange& c) {
  if (c.offset < 0) return Error(&errors::kOffsetOutOfRange);
  const auto old = x.Read<String>(c.key);
  if (!old) return old.error();
  if (c.value.empty()) return *old == nullptr ? int64_t{0} : static_cast<int64_t>((*old)->size());
  const auto offset = static_cast<size_t>(c.offset);
  if (offset > kMaxStringBytes || offset + c.value.size() > kMaxStringBytes) return Error(&errors::kStringTooLong);
  auto value = x.Write<String>(c.key);
  char* bytes = value->Grow(offset + c.value.size());
  c.value.copy(bytes + offset, c.value.size());
  value->Changed(Event::kSetRange);
  return static_cast<int64_t>(value->size());
}

Outcome Run(ReadExec& x, const MGet& c, ReplySink& sink) {
  // A few look-ups ahead, so that their cache misses overlap.
  constexpr size_t kAhead = 8;
  for (size_t i = 0; i < std::min(kAhead, c.keys.size()); ++i) x.Prefetch(c.keys[i]);
  sink.Begin(Shape::kArray, c.keys.size());
  for (size_t i = 0; i < c.keys.size(); ++i) {
    if (i + kAhead < c.keys.size()) x.Prefetch(c.keys[i + kAhead]);
    const Entry* entry = x.Find(c.keys[i]);
    EmitString(entry == nullptr || entry->type() != ValueType::kString ? nullptr : &entry->string(), sink);
  }
  sink.End();
  return Outcome();
}

Result<Ack> Run(Exec& x, const MSet& c) {
  for (const KeyValue& pair : c.pairs) {
    x.PutString(pair.key, pair.value);
    x.SendEvent(Event::kSet, pair.key);
  }
  return Ack{};
}

Result<bool> Run(Exec& x, const MSetNx& c) {
  for (const NewKeyValue& pair : c.pairs) {
    if (x.Find(pair.key) != nullptr) return false;
  }
  for (const NewKeyValue& pair : c.pairs) {
    x.PutString(pair.key, pair.value);
    x.SendEvent(Event::kSet, pair.key);
  }
  return true;
}

Result<bool> Run(Exec& x, const SetNx& c) {
  if (x.FindForWrite(c.key) != nullptr) return false;
  x.PutString(c.key, c.value);
  x.SendEvent(Event::kSet, c.key);
  return true;
}

}  // namespace dualis::cmd

namespace dualis {

using namespace cmd;  // NOLINT(google-build-using-namespace): the list names nothing else

Family StringCommands() {
  static constexpr const CommandRow* kCommands[] = {
      Add<Append>(),   Add<Decr>(),   Add<DecrBy>(),   Add<Get>(),         Add<GetDel>(), Add<GetEx>(),
      Add<GetRange>(), Add<Incr>(),   Add<IncrBy>(),   Add<IncrByFloat>(), Add<MGet>(),   Add<MSet>(),
      Add<cmd::Set>(), Add<SetNx>(),  Add<SetRange>(), Add<StrLen>(),      Add<SetEx>(),  Add<PSetEx>(),
      Add<GetSet>(),   Add<SubStr>(), Add<MSetNx>(),
  };
  static constexpr const CommandRow* kForms[] = {AddForm<SetGet>()};
  return {kCommands, kForms};
}

}  // namespace dualis
