// LogFile: log lines in redis-server's form, on standard output or in a file.
//
//   8765:M 21 Nov 2026 09:30:00.123 * Ready to accept connections
#ifndef DUALIS_COMPAT_LISTENER_SERVER_LOG_FILE_H_
#define DUALIS_COMPAT_LISTENER_SERVER_LOG_FILE_H_

#include <mutex>
#include <string>

#include "dualis/options.h"

namespace dualis::server {

// Thread-safe.
class LogFile final : public LogSink {
 public:
  // Lines go to the end of this file, opened anew for each of them as redis-server does, so that it may be rotated;
  // empty: to standard output.
  void SetPath(std::string path) { path_ = std::move(path); }
  void Log(LogLevel level, Bytes text) noexcept override;

 private:
  std::string path_;
  std::mutex mutex_;
};

}  // namespace dualis::server

#endif  // DUALIS_COMPAT_LISTENER_SERVER_LOG_FILE_H_
