// Hash commands.
#include "dualis/commands/hashes.h"

#include <cmath>

#include "engine/command/exec.h"
#include "engine/command/row.h"
#include "engine/commands/families.h"
#include "engine/core/number_text.h"
#include "engine/types/hash.h"

namespace dualis::cmd {
namespace {

Result<int64_t> SetAll(Exec& x, const Key& key, const Many<FieldValue>& fields) {
  auto hash = x.Write<Hash>(key);
  if (!hash) return hash.error();
  int64_t added = 0;
  for (const FieldValue& f : fields) {
    added += (*hash)->Set(f.field, f.value);
    hash->ChangedSilently();  // should memory run out at the next field
  }
  hash->Changed(Event::kHSet);
  return added;
}

// Emits a part of each field with its value.
template <class EmitField>
Outcome EmitAll(ReadExec& x, const Key& key, Shape shape, ReplySink& sink, EmitField emit) {
  const auto hash = x.Read<Hash>(key);
  if (!hash) return hash.error();
  sink.Begin(shape, *hash == nullptr ? 0 : (*hash)->size());
  if (*hash != nullptr) (*hash)->ForEach(emit);
  sink.End();
  return Outcome();
}

}  // namespace

Result<int64_t> Run(Exec& x, const HSet& c) { return SetAll(x, c.key, c.fields); }

Result<Ack> Run(Exec& x, const HMSet& c) {
  const auto added = SetAll(x, c.key, c.fields);
  if (!added) return added.error();
  return Ack{};
}

Result<bool> Run(Exec& x, const HSetNx& c) {
  const auto old = x.Read<Hash>(c.key);
  if (!old) return old.error();
  if (*old != nullptr && (*old)->Contains(c.field)) return false;
  auto hash = x.Write<Hash>(c.key);
  (*hash)->Set(c.field, c.value);
  hash->Changed(Event::kHSet);
  return true;
}

Outcome Run(ReadExec& x, const HGet& c, ReplySink& sink) {
  const auto hash = x.Read<Hash>(c.key);
  if (!hash) return hash.error();
  TextBuffer buffer;
  Emit(sink, *hash == nullptr ? std::nullopt : (*hash)->Get(c.field, buffer));
  return Outcome();
}

Outcome Run(ReadExec& x, const HMGet& c, ReplySink& sink) {
  const auto hash = x.Read<Hash>(c.key);
  if (!hash) return hash.error();
  sink.Begin(Shape::kArray, c.fields.size());
  for (Bytes field : c.fields) {
    TextBuffer buffer;
    Emit(sink, *hash == nullptr ? std::nullopt : (*hash)->Get(field, buffer));
  }
  sink.End();
  return Outcome();
}

Result<int64_t> Run(Exec& x, const HDel& c) {
  auto hash = x.WriteExisting<Hash>(c.key);
  if (!hash) return hash.error();
  Edit<Hash>& edit = *hash;
  if (!edit) return int64_t{0};
  int64_t removed = 0;
  for (Bytes field : c.fields) {
    removed += edit->Erase(field);
    if (edit->empty()) break;
  }
  if (removed > 0) {
    edit.Changed(Event::kHDel);
  } else {
    edit.Unchanged();
  }
  return removed;
}

Outcome Run(ReadExec& x, const HGetAll& c, ReplySink& sink) {
  return EmitAll(x, c.key, Shape::kMap, sink, [&](Bytes field, Bytes value) {
    sink.Bulk(field);
    sink.Bulk(value);
  });
}

Outcome Run(ReadExec& x, const HKeys& c, ReplySink& sink) {
  return EmitAll(x, c.key, Shape::kArray, sink, [&](Bytes field, Bytes) { sink.Bulk(field); });
}

Outcome Run(ReadExec& x, const HVals& c, ReplySink& sink) {
  return EmitAll(x, c.key, Shape::kArray, sink, [&](Bytes, Bytes value) { sink.Bulk(value); });
}

Result<int64_t> Run(ReadExec& x, const HLen& c) {
  const auto hash = x.Read<Hash>(c.key);
  if (!hash) return hash.error();
  return *hash == nullptr ? int64_t{0} : static_cast<int64_t>((*hash)->size());
}

Result<bool> Run(ReadExec& x, const HExists& c) {
  const auto hash = x.Read<Hash>(c.key);
  if (!hash) return hash.error();
  return *hash != nullptr && (*hash)->Contains(c.field);
}

Result<int64_t> Run(ReadExec& x, const HStrLen& c) {
  const auto hash = x.Read<Hash>(c.key);
  if (!hash) return hash.error();
  TextBuffer buffer;
  const auto value = *hash == nullptr ? std::nullopt : (*hash)->Get(c.field, buffer);
  return value ? static_cast<int64_t>(value->size()) : int64_t{0};
}

Result<int64_t> Run(Exec& x, const HIncrBy& c) {
  auto hash = x.Write<Hash>(c.key);
  if (!hash) return hash.error();
  Edit<Hash>& edit = *hash;
  TextBuffer buffer;
  const auto text = edit->Get(c.field, buffer);
  const auto old = text ? ParseInt64(*text) : std::optional<int64_t>(0);
  int64_t sum = 0;
  if (!old || __builtin_add_overflow(*old, c.increment, &sum)) {
    edit.Unchanged();
    return Error(old ? &errors::kIncrOverflow : &errors::kHashNotInteger);
  }
  edit->Set(c.field, FormatInt64(sum, buffer), Hash::FieldTime::kKeep);
  edit.Changed(Event::kHIncrBy);
  return sum;
}

Outcome Run(Exec& x, const HIncrByFloat& c, ReplySink& sink) {
  char word[Arg::kTextBytes];
  const auto by = ParseLongDouble(c.increment.word().Text(word));
  if (!by) return Error(&errors::kNotFloat);
  if (std::isinf(*by)) return Error(&errors::kNanOrInfinity);
  auto hash = x.Write<Hash>(c.key);
  if (!hash) return hash.error();
  Edit<Hash>& edit = *hash;
  TextBuffer buffer;
  const auto text = edit->Get(c.field, buffer);
  const auto old = text ? ParseLongDouble(*text) : std::optional<long double>(0);
  const long double sum = old ? *old + *by : 0;
  if (!old || std::isnan(sum) || std::isinf(sum)) {
    edit.Unchanged();
    return Error(old ? &errors::kIncrNotFinite : &errors::kHashNotFloat);
  }
  char digits[kLongDoubleChars];
  const Bytes result = FormatLongDouble(sum, digits);
  edit->Set(c.field, result, Hash::FieldTime::kKeep);
  edit.Changed(Event::kHIncrByFloat);
  x.Effect({"HSET", c.key, c.field, result});
  // HSET takes the field's time away, which this does not.
  const TimeMs time = edit->TimeOf(c.field);
  if (time != FieldTimes::kNever) x.Effect({"HPEXPIREAT", c.key, time, "FIELDS", int64_t{1}, c.field});
  sink.Bulk(result);
  return Outcome();
}

}  // namespace dualis::cmd

namespace dualis {

using namespace cmd;  // NOLINT(google-build-using-namespace): the list names nothing else

Family HashCommands() {
  static constexpr const CommandRow* kCommands[] = {
      Add<HDel>(), Add<HExists>(), Add<HGet>(),  Add<HGetAll>(), Add<HIncrBy>(), Add<HIncrByFloat>(), Add<HKeys>(),
      Add<HLen>(), Add<HMGet>(),   Add<HMSet>(), Add<HSet>(),    Add<HSetNx>(),  Add<HStrLen>(),      Add<HVals>(),
  };
  return {kCommands};
}

}  // namespace dualis
