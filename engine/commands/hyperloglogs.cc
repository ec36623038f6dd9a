// PFADD, PFCOUNT, PFMERGE, PFDEBUG, PFSELFTEST.
#include "dualis/commands/hyperloglogs.h"

#include "engine/command/exec.h"
#include "engine/command/row.h"
#include "engine/command/word.h"
#include "engine/core/number_text.h"
#include "engine/types/hyperloglog.h"

namespace dualis::cmd {
namespace {

// The bytes of a HyperLogLog, empty for a missing key. Error: another type, or a string that is none.
Result<Bytes> ReadHll(ReadExec& x, const Key& key) {
  const auto value = x.Read<String>(key);
  if (!value) return value.error();
  if (*value == nullptr) return Bytes();
  if (!hll::Check((*value)->view())) return Error(&errors::kNotHyperLogLog);
  return (*value)->view();
}

size_t SparseLimit(ReadExec& x) { return static_cast<size_t>(x.limits().hll_sparse_max_bytes); }

Error Corrupt() { return Error(&errors::kCorruptHyperLogLog); }

// Adds to a dense one in its place.
Result<bool> AddInPlace(Exec& x, const PfAdd& c, size_t size) {
  auto value = x.Write<String>(c.key);
  char* bytes = value->Grow(size);
  bool changed = false;
  for (Bytes element : c.elements) changed |= hll::AddDense(bytes, element) == hll::Added::kChanged;
  if (changed) {
    hll::DropCached(bytes);
    value->Changed(Event::kPfAdd);
  } else {
    value->Unchanged();
  }
  return changed;
}

// Writes what was computed aside, so that a failure leaves the key as it was.
void Store(Exec& x, const Key& key, Bytes bytes) {
  auto value = x.Write<String>(key);
  value->Assign(bytes, StringForm::kEdited);
  value->Changed(Event::kPfAdd);
}

}  // namespace

Result<bool> Run(Exec& x, const PfAdd& c) {
  const auto old = ReadHll(x, c.key);
  if (!old) return old.error();
  if (!old->empty() && hll::IsDense(*old)) return AddInPlace(x, c, old->size());
  std::string bytes = old->empty() ? hll::Empty() : std::string(*old);
  bool changed = old->empty();
  for (Bytes element : c.elements) {
    const hll::Added added = hll::Add(bytes, element, SparseLimit(x));
    if (added == hll::Added::kCorrupt) return Corrupt();
    changed |= added == hll::Added::kChanged;
  }
  if (!changed) return false;
  hll::DropCached(bytes.data());
  Store(x, c.key, bytes);
  return true;
}

Result<int64_t> Run(Exec& x, const PfCount& c) {
  hll::Registers registers{};
  Bytes bytes;
  for (const Key& key : c.keys) {
    const auto source = ReadHll(x, key);
    if (!source) return source.error();
    if (source->empty()) continue;
    bytes = *source;
    if (c.keys.size() == 1) {
      if (const auto cached = hll::Cached(bytes)) return static_cast<int64_t>(*cached);
    }
    if (!hll::Merge(registers, bytes)) return Corrupt();
  }
  if (bytes.empty()) return int64_t{0};
  const uint64_t cardinality = hll::Estimate(registers);
  if (c.keys.size() == 1) {
    auto value = x.Write<String>(c.keys[0]);
    hll::SetCached(value->Grow(bytes.size()), cardinality);
    value->ChangedSilently();
  }
  return static_cast<int64_t>(cardinality);
}

Result<Ack> Run(Exec& x, const PfMerge& c) {
  hll::Registers registers{};
  bool dense = false;
  const auto old = ReadHll(x, c.destkey);
  const auto merge = [&](const Result<Bytes>& source) {
    if (!source) return source.error();
    if (source->empty()) return Error();
    dense |= hll::IsDense(*source);
    return hll::Merge(registers, *source) ? Error() : Corrupt();
  };
  if (Error error = merge(old)) return error;
  for (const Key& key : c.sourcekeys) {
    if (Error error = merge(ReadHll(x, key))) return error;
  }
  std::string bytes = old->empty() ? hll::Empty() : std::string(*old);
  if (dense && !hll::MakeDense(bytes)) return Corrupt();
  for (size_t i = 0; i < hll::kRegisters; ++i) {
    if (registers[i] != 0 && hll::Raise(bytes, i, registers[i], SparseLimit(x)) == hll::Added::kCorrupt) {
      return Corrupt();
    }
  }
  hll::DropCached(bytes.data());
  Store(x, c.destkey, bytes);
  return Ack{};
}

Outcome Run(Exec& x, const PfDebug& c, ReplySink& sink) {
  const auto old = ReadHll(x, c.key);
  if (!old) return old.error();
  if (old->empty()) return Error(&errors::kPfDebugNoKey);
  const bool registers = IsWord(c.subcommand, "GETREG");
  if (registers || IsWord(c.subcommand, "TODENSE")) {
    const bool sparse = !hll::IsDense(*old);
    std::string bytes(*old);
    if (!hll::MakeDense(bytes)) return Corrupt();
    if (sparse) {
      auto value = x.Write<String>(c.key);
      value->Assign(bytes, StringForm::kEdited);
      value->ChangedSilently();
    }
    if (!registers) {
      sink.Int(sparse ? 1 : 0);
      return Outcome();
    }
    hll::Registers values{};
    hll::Merge(values, bytes);
    sink.Begin(Shape::kArray, values.size());
    for (const uint8_t value : values) sink.Int(value);
    sink.End();
  } else if (IsWord(c.subcommand, "DECODE")) {
    if (hll::IsDense(*old)) return Error(&errors::kPfDebugNotSparse);
    const auto text = hll::Describe(*old);
    if (!text) return Corrupt();
    sink.Bulk(*text);
  } else if (IsWord(c.subcommand, "ENCODING")) {
    sink.Simple(hll::IsDense(*old) ? "dense" : "sparse");
  } else {
    return errors::PfDebugUnknown(c.subcommand);
  }
  return Outcome();
}

Result<Ack> Run(Exec&, const PfSelfTest&) {
  // Registers of both forms agree, and a known set is estimated within the error that 16384 registers have.
  std::string sparse = hll::Empty();
  std::string dense = hll::Empty();
  hll::MakeDense(dense);
  constexpr int64_t kElements = 10000;
  char text[kInt64Chars];
  for (int64_t i = 0; i < kElements; ++i) {
    const Bytes element = FormatInt64(i, text);
    hll::Add(sparse, element, SIZE_MAX);
    hll::Add(dense, element, 0);
  }
  hll::Registers a{};
  hll::Registers b{};
  if (!hll::Merge(a, sparse) || !hll::Merge(b, dense) || a != b) return Corrupt();
  const auto estimate = static_cast<int64_t>(hll::Estimate(a));
  if (estimate < kElements * 95 / 100 || estimate > kElements * 105 / 100) return Corrupt();
  return Ack{};
}

}  // namespace dualis::cmd

namespace dualis {

Family HyperLogLogCommands() {
  using namespace cmd;  // NOLINT(google-build-using-namespace): the list names nothing else
  static constexpr const CommandRow* kCommands[] = {Add<PfAdd>(), Add<PfCount>(), Add<PfDebug>(), Add<PfMerge>(),
                                                    Add<PfSelfTest>()};
  return {kCommands};
}

}  // namespace dualis
