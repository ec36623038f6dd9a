#include "compat/listener/server/log_file.h"

#include <sys/time.h>
#include <unistd.h>

#include <cstdio>
#include <ctime>

namespace dualis::server {

void LogFile::Log(LogLevel level, Bytes text) noexcept {
  const std::lock_guard lock(mutex_);
  FILE* out = path_.empty() ? stdout : std::fopen(path_.c_str(), "ae");
  if (out == nullptr) return;
  timeval now;
  gettimeofday(&now, nullptr);
  tm local;
  localtime_r(&now.tv_sec, &local);
  char time[64];
  std::strftime(time, sizeof(time), "%d %b %Y %H:%M:%S", &local);
  std::fprintf(out, "%d:M %s.%03d %c %.*s\n", static_cast<int>(getpid()), time, static_cast<int>(now.tv_usec / 1000),
               ".-*#"[static_cast<size_t>(level)], static_cast<int>(text.size()), text.data());
  if (path_.empty()) {
    std::fflush(out);
  } else {
    std::fclose(out);
  }
}

}  // namespace dualis::server
