#include "engine/rdb/snapshot.h"

#include <algorithm>
#include <optional>

#include "dualis/redis_version.h"
#include "engine/core/number_text.h"
#include "engine/rdb/format.h"
#include "engine/rdb/input.h"
#include "engine/rdb/load_value.h"
#include "engine/rdb/output.h"
#include "engine/rdb/save_value.h"

namespace dualis::rdb {
namespace {

constexpr uint64_t kProgressBytes = 1 << 20;

// Calls the progress function now and then.
class Progress {
 public:
  explicit Progress(const SnapshotOptions& options) : options_(options) {}
  void At(const SnapshotProgress& now) {
    if (now.bytes >= next_) Tell(now);
  }
  void Tell(const SnapshotProgress& now) {
    next_ = now.bytes + kProgressBytes;
    if (options_.progress) options_.progress(now);
  }

 private:
  const SnapshotOptions& options_;
  uint64_t next_ = kProgressBytes;
};

// The lowest version that can hold every value.
int VersionOf(const Contents& contents) {
  int version = kVersion;
  for (const auto& db : contents.dbs) {
    db->ForEach([&](const Entry& entry) {
      if (entry.type() == ValueType::kHash) version = std::max(version, VersionOf(FormOf(entry)));
    });
  }
  return version;
}

void SaveHead(const Contents& contents, TimeMs now, Output& out) {
  char digits[kInt64Chars];
  const int version = VersionOf(contents);
  out.Raw(kMagic);
  out.Raw(version < 10 ? "000" : "00");
  out.Raw(FormatInt64(version, digits));
  const auto aux = [&](Bytes name, Bytes text) {
    out.Byte(kOpAux);
    out.String(name);
    out.String(text);
  };
  aux("redis-ver", kRedisVersion);
  aux("redis-bits", "64");
  aux("ctime", FormatInt64(now / 1000, digits));
  aux("aof-base", "0");
  for (const std::string& code : contents.functions) {
    out.Byte(kOpFunction);
    out.String(code);
  }
}

void SaveMark(const Contents& contents, const Entry& entry, Output& out) {
  if (contents.access == nullptr) return;
  if (contents.access->lfu) {
    out.Byte(kOpFreq);
    out.Byte(contents.access->Frequency(entry));
  } else if (contents.idle_times) {
    out.Byte(kOpIdle);
    out.Length(static_cast<uint64_t>(contents.access->Idle(entry)));
  }
}

void SaveEntry(const Contents& contents, const Entry& entry, Output& out) {
  if (entry.expiry() != kNoExpiry) {
    out.Byte(kOpExpireMs);
    out.Fixed(entry.expiry());
  }
  SaveMark(contents, entry, out);
  out.Byte(FormOf(entry));
  out.String(entry.key());
  SaveValue(entry, out);
}

// The values of a module, which begin with the kind of each.
void SkipModuleData(Input& in) {
  enum Kind : uint64_t { kEnd, kSigned, kUnsigned, kFloat, kDouble, kString };
  std::string scratch;
  while (in.ok()) {
    switch (in.Length()) {
      case kEnd:
        return;
      case kSigned:
      case kUnsigned:
        in.Length();
        break;
      case kFloat:
        in.Fixed<uint32_t>();
        break;
      case kDouble:
        in.Fixed<uint64_t>();
        break;
      case kString:
        in.String(scratch);
        break;
      default:
        return in.Fail("module data of unknown kind");
    }
  }
}

// One file being read.
class Loading {
 public:
  Loading(SnapshotSource& source, const EncodingLimits& limits, TimeMs now, const SnapshotOptions& options,
          Contents& contents)
      : in_(source),
        total_(source.total()),
        limits_(limits),
        now_(now),
        options_(options),
        contents_(contents),
        db_(contents.dbs[0].get()) {}

  Result<SnapshotReport> Run() {
    ReadHead();
    Progress progress(options_);
    bool more = in_.ok();
    while (more) {
      more = ReadItem() && in_.ok();
      progress.At(Reached());
    }
    if (!in_.ok()) return in_.error();
    ReadChecksum();
    if (!in_.ok()) return in_.error();
    report_.bytes = in_.offset();
    progress.Tell(Reached());
    return report_;
  }

 private:
  SnapshotProgress Reached() const { return {.bytes = in_.offset(), .total_bytes = total_, .keys = report_.keys}; }

  void ReadHead() {
    std::string head;
    head = in_.Raw(kMagic.size() + 4, head);
    if (!in_.ok()) return;
    const Bytes digits = Bytes(head).substr(kMagic.size());
    if (!head.starts_with(kMagic) || digits.find_first_not_of("0123456789") != Bytes::npos) {
      return in_.Fail("it does not begin as a snapshot of Redis does");
    }
    for (const char digit : digits) version_ = 10 * version_ + (digit - '0');
    if (version_ < 1 || version_ > kNewestVersion) in_.Fail("its format has version " + std::to_string(version_));
  }

  // False at the end.
  bool ReadItem() {
    const uint8_t op = in_.Byte();
    if (!in_.ok()) return false;
    switch (op) {
      case kOpEnd:
        return false;
      case kOpExpireMs:
        expiry_ = in_.Fixed<int64_t>();
        return true;
      case kOpExpireSeconds:
        expiry_ = TimeMs{1000} * in_.Fixed<int32_t>();
        return true;
      case kOpIdle:
        idle_ = in_.Length();
        return true;
      case kOpFreq:
        frequency_ = in_.Byte();
        return true;
      case kOpSelectDb:
        SelectDb(in_.Length());
        return true;
      case kOpResizeDb:
        in_.Length(), in_.Length();
        return true;
      case kOpSlotInfo:
        in_.Length(), in_.Length(), in_.Length();
        return true;
      case kOpAux:
        in_.String(scratch_), in_.String(scratch_);
        return true;
      case kOpFunction:
        contents_.functions.emplace_back(in_.String(scratch_));
        return true;
      case kOpFunctionPreview:
        in_.Fail("a function in the format of a preview of Redis 7");
        return false;
      case kOpModuleAux:
        in_.Length();
        SkipModuleData(in_);
        return true;
      default:
        ReadKey(op);
        return true;
    }
  }

  void SelectDb(uint64_t number) {
    if (!in_.ok()) return;
    if (number >= contents_.dbs.size()) return in_.Fail("it holds database " + std::to_string(number));
    db_ = contents_.dbs[number].get();
  }

  void ReadKey(uint8_t form) {
    if (!IsValueForm(form)) return in_.Fail("unknown type " + std::to_string(form));
    std::string room;
    const Bytes key = in_.String(room);
    LoadedValue value = LoadValue(in_, form, {limits_, db_->seed()});
    const TimeMs expiry = std::exchange(expiry_, kNoExpiry);
    const uint32_t mark = TakeMark();
    if (!in_.ok()) return;
    if (expiry <= now_) {
      ++report_.expired;
      return;
    }
    // Redis has written such keys, by mistake, and leaves them out.
    if (value.empty()) return;
    if (db_->Find(key) != nullptr) return in_.Fail("a key that it holds twice");
    Entry* entry = value.MakeEntry(key, expiry);
    entry->set_access(mark);
    try {
      db_->Insert(entry);
    } catch (...) {
      Entry::Release(entry);
      throw;
    }
    value.Release();
    ++report_.keys;
  }

  // What was said of the use of the key to come, as a mark; 0 if nothing was that is of use.
  uint32_t TakeMark() {
    const auto idle = std::exchange(idle_, std::nullopt);
    const auto frequency = std::exchange(frequency_, std::nullopt);
    const Access* access = contents_.access;
    if (access == nullptr) return 0;
    if (access->lfu) return frequency ? access->MarkOfFrequency(*frequency) : 0;
    return idle && *idle <= INT64_MAX ? access->MarkOfIdle(static_cast<int64_t>(*idle)) : 0;
  }

  void ReadChecksum() {
    if (version_ < kVersionOfChecksum) return;
    const uint64_t sum = in_.checksum();
    const auto wanted = in_.Fixed<uint64_t>();
    if (options_.checksum && wanted != 0 && wanted != sum) in_.Fail("its checksum is wrong");
  }

  Input in_;
  const uint64_t total_;
  const EncodingLimits& limits_;
  const TimeMs now_;
  const SnapshotOptions& options_;
  Contents& contents_;
  Db* db_;
  int version_ = 0;
  // Of the key to come.
  TimeMs expiry_ = kNoExpiry;
  std::optional<uint64_t> idle_;
  std::optional<uint8_t> frequency_;
  std::string scratch_;
  SnapshotReport report_;
};

}  // namespace

Result<SnapshotReport> Save(const Contents& contents, TimeMs now, const SnapshotOptions& options, SnapshotSink& sink) {
  Output out(&sink, options.compress ? Output::Compress::kYes : Output::Compress::kNo);
  SnapshotReport report;
  Progress progress(options);
  uint64_t total = 0;
  for (const auto& db : contents.dbs) total += db->size();
  const auto reached = [&] { return SnapshotProgress{.bytes = out.size(), .keys = report.keys, .total_keys = total}; };
  SaveHead(contents, now, out);
  for (const auto& db : contents.dbs) {
    if (db->size() == 0) continue;
    out.Byte(kOpSelectDb);
    out.Length(static_cast<uint64_t>(db->index()));
    out.Byte(kOpResizeDb);
    out.Length(db->size());
    out.Length(db->expiring());
    db->ForEach([&](const Entry& entry) {
      if (out.error()) return;
      SaveEntry(contents, entry, out);
      ++report.keys;
      progress.At(reached());
    });
    if (out.error()) return out.error();
  }
  out.Byte(kOpEnd);
  out.Fixed(options.checksum ? out.checksum() : uint64_t{0});
  if (Error error = out.Flush()) return error;
  report.bytes = out.size();
  progress.Tell(reached());
  return report;
}

Result<SnapshotReport> Load(SnapshotSource& source, const EncodingLimits& limits, TimeMs now,
                            const SnapshotOptions& options, Contents& contents) {
  return Loading(source, limits, now, options, contents).Run();
}

}  // namespace dualis::rdb
