#include "engine/rdb/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace dualis::rdb {
namespace {

// "ERR cannot open /tmp/dump.rdb: No such file or directory"; an error of the system is no error of a command.
Error SystemError(Bytes what, const std::string& path) {
  const std::string why = std::generic_category().message(errno);
  return Error(ErrorCode::kIo, "ERR cannot " + std::string(what) + " " + path + ": " + why);
}

std::string FolderOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace

NewFile::~NewFile() {
  if (fd_ >= 0) close(fd_);
  if (!temporary_.empty()) unlink(temporary_.c_str());
}

Error NewFile::Open() {
  // Several engines of a process may write to one folder.
  constexpr int kAttempts = 1000;
  for (int i = 0; i < kAttempts; ++i) {
    std::string name = FolderOf(path_) + "/temp-" + std::to_string(getpid()) + "-" + std::to_string(i) + ".rdb";
    fd_ = open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (fd_ >= 0) {
      temporary_ = std::move(name);
      return Error();
    }
    if (errno != EEXIST) break;
  }
  return SystemError("create", path_);
}

Error NewFile::Write(Bytes bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(fd_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return SystemError("write", path_);
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return Error();
}

Error NewFile::Commit() {
  if (fsync(fd_) != 0) return SystemError("write", path_);
  const int fd = fd_;
  fd_ = -1;
  if (close(fd) != 0) return SystemError("write", path_);
  if (rename(temporary_.c_str(), path_.c_str()) != 0) return SystemError("create", path_);
  temporary_.clear();
  // The name as well; a folder that cannot be synced is none of our business.
  const int folder = open(FolderOf(path_).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder >= 0) {
    fsync(folder);
    close(folder);
  }
  return Error();
}

OldFile::~OldFile() {
  if (fd_ >= 0) close(fd_);
}

Error OldFile::Open() {
  fd_ = open(path_.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd_ < 0) return SystemError("open", path_);
  struct stat status;
  if (fstat(fd_, &status) != 0) return SystemError("read", path_);
  if (S_ISDIR(status.st_mode)) {
    errno = EISDIR;
    return SystemError("read", path_);
  }
  total_ = static_cast<uint64_t>(status.st_size);
  return Error();
}

Result<size_t> OldFile::Read(char* to, size_t size) {
  for (;;) {
    const ssize_t got = read(fd_, to, size);
    if (got >= 0) return static_cast<size_t>(got);
    if (errno != EINTR) return SystemError("read", path_);
  }
}

}  // namespace dualis::rdb
