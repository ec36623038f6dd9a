#include "engine/runtime/snapshots.h"

#include <limits.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>

#include "dualis/errors.h"
#include "engine/core/number_text.h"
#include "engine/rdb/file.h"
#include "engine/rdb/snapshot.h"

namespace dualis::runtime {
namespace {

// How long a save that failed waits for its next try.
constexpr TimeMs kRetryMs = 5000;

class MemorySink final : public SnapshotSink {
 public:
  Error Write(Bytes bytes) override {
    text.append(bytes);
    return Error();
  }
  std::string text;
};

class MemorySource final : public SnapshotSource {
 public:
  explicit MemorySource(Bytes bytes) : bytes_(bytes) {}
  Result<size_t> Read(char* to, size_t size) override {
    const size_t part = bytes_.copy(to, size);
    bytes_.remove_prefix(part);
    return part;
  }

 private:
  Bytes bytes_;
};

}  // namespace

Snapshots::Snapshots(Settings& settings, const Clock& clock, Dbs& dbs, FunctionHost& functions,
                     ChangeListener& listener)
    : settings_(settings), dbs_(dbs), functions_(functions), listener_(listener), last_save_(clock.Now()) {
  ReadSavePoints();
  settings_.OnChange(Setting::kSave, [this] {
    ReadSavePoints();
    return Bytes();
  });
  settings_.OnChange(Setting::kDir, [this] { return ResolveFolder(); });
  settings_.OnChange(Setting::kDbfilename, [this] {
    const bool path = settings_.text(Setting::kDbfilename).find('/') != Bytes::npos;
    return path ? Bytes("dbfilename can't be a path, just a filename") : Bytes();
  });
}

// Why a folder cannot be, as the system says it. The text is constant.
static Bytes WhyNot(int error) {
  switch (error) {
    case ENOENT:
      return "No such file or directory";
    case ENOTDIR:
      return "Not a directory";
    case EACCES:
      return "Permission denied";
    case ENAMETOOLONG:
      return "File name too long";
    default:
      return "Input/output error";
  }
}

// A folder that was set must be there, and is shown in full.
Bytes Snapshots::ResolveFolder() {
  char full[PATH_MAX];
  struct stat status;
  const std::string dir(settings_.text(Setting::kDir));
  if (realpath(dir.c_str(), full) != nullptr && stat(full, &status) == 0) {
    if (S_ISDIR(status.st_mode)) {
      settings_.Put(Setting::kDir, Bytes(full));
      return {};
    }
    return WhyNot(ENOTDIR);
  }
  return WhyNot(errno);
}

// The parameter is pairs of seconds and changes, or nothing.
void Snapshots::ReadSavePoints() {
  save_points_.clear();
  Bytes words = settings_.text(Setting::kSave);
  const auto next = [&words] {
    words.remove_prefix(std::min(words.find_first_not_of(' '), words.size()));
    const Bytes word = words.substr(0, words.find(' '));
    words.remove_prefix(word.size());
    return ParseInt64(word);
  };
  for (auto seconds = next(); seconds; seconds = next()) {
    const auto changes = next();
    if (changes) save_points_.push_back({*seconds * 1000, static_cast<uint64_t>(std::max<int64_t>(*changes, 1))});
  }
}

SnapshotOptions Snapshots::FileOptions() const {
  return {.compress = settings_.flag(Setting::kRdbcompression), .checksum = settings_.flag(Setting::kRdbchecksum)};
}

Result<SnapshotReport> Snapshots::Save(Turn& turn, SnapshotSink& sink, const SnapshotOptions& options) {
  const auto policy = settings_.choice<MaxmemoryPolicy>(Setting::kMaxmemoryPolicy);
  const bool lru = policy == MaxmemoryPolicy::kAllKeysLru || policy == MaxmemoryPolicy::kVolatileLru;
  rdb::Contents contents{.dbs = dbs_, .functions = {}, .access = &turn.access(), .idle_times = lru};
  for (const LibraryInfo* library : functions_.libraries()) contents.functions.push_back(library->code);
  return rdb::Save(contents, turn.now(), options, sink);
}

Result<SnapshotReport> Snapshots::Load(Turn& turn, SnapshotSource& source, const SnapshotOptions& options) {
  Dbs fresh;
  for (const auto& db : dbs_) fresh.push_back(std::make_unique<Db>(db->index(), db->seed()));
  rdb::Contents contents{.dbs = fresh, .functions = {}, .access = &turn.access()};
  Result<SnapshotReport> report = rdb::Load(source, turn.limits(), turn.now(), options, contents);
  if (!report) return report;
  if (Error error = functions_.Restore(contents.functions, FunctionHost::OnConflict::kFlush)) return error;
  // From here on nothing fails. Who watches a key hears of it if it was there, or is now.
  for (size_t i = 0; i < dbs_.size(); ++i) {
    listener_.DbChanged(dbs_[i]->index());
    dbs_[i]->SwapContents(*fresh[i]);
    listener_.DbChanged(dbs_[i]->index());
  }
  turn.set_changed(true);
  changes_ = 0;
  return report;
}

Result<SnapshotReport> Snapshots::SaveFile(Turn& turn, const std::string& path, const SnapshotOptions& options) {
  last_try_ = turn.now();
  failed_ = true;
  rdb::NewFile file(path);
  if (Error error = file.Open()) return error;
  Result<SnapshotReport> report = Save(turn, file, options);
  if (!report) return report;
  if (Error error = file.Commit()) return error;
  failed_ = false;
  last_save_ = turn.now();
  changes_ = 0;
  return report;
}

Result<SnapshotReport> Snapshots::LoadFile(Turn& turn, const std::string& path, const SnapshotOptions& options) {
  rdb::OldFile file(path);
  if (Error error = file.Open()) return error;
  return Load(turn, file, options);
}

std::string Snapshots::Path() const {
  const Bytes dir = settings_.text(Setting::kDir), name = settings_.text(Setting::kDbfilename);
  if (dir.empty() || name.empty()) return "";
  return std::string(dir) + "/" + std::string(name);
}

Error Snapshots::SaveToFile(Turn& turn) {
  const std::string path = Path();
  if (path.empty()) return Error(&errors::kNoSnapshotFile);
  return SaveFile(turn, path, FileOptions()).error();
}

Error Snapshots::LoadFromFile(Turn& turn) {
  const std::string path = Path();
  if (path.empty()) return Error(&errors::kNoSnapshotFile);
  return LoadFile(turn, path, FileOptions()).error();
}

Error Snapshots::Reload(Turn& turn) {
  if (!Path().empty()) {
    if (Error error = SaveToFile(turn)) return error;
    return LoadFromFile(turn);
  }
  MemorySink sink;
  if (const auto saved = Save(turn, sink, {}); !saved) return saved.error();
  MemorySource source(sink.text);
  return Load(turn, source, {}).error();
}

std::optional<TimeMs> Snapshots::NextSave() const {
  if (save_points_.empty() || changes_ == 0 || Path().empty()) return std::nullopt;
  std::optional<TimeMs> next;
  for (const SavePoint& point : save_points_) {
    if (changes_ < point.changes) continue;
    const TimeMs due = last_save_ + point.after;
    if (!next || due < *next) next = due;
  }
  if (next && failed_) next = std::max(*next, last_try_ + kRetryMs);
  return next;
}

void Snapshots::SaveIfDue(Turn& turn) {
  const auto next = NextSave();
  // What went wrong is told by last_save_failed().
  if (next && *next <= turn.now()) (void)SaveToFile(turn);
}

}  // namespace dualis::runtime
