// redisOptions that own what they point to, for handles that connect later.
#ifndef DUALIS_COMPAT_HIREDIS_EXTENSIONS_OPTIONS_COPY_H_
#define DUALIS_COMPAT_HIREDIS_EXTENSIONS_OPTIONS_COPY_H_

#include <string>

#include "compat/hiredis/abi.h"

namespace dualis::hiredis {

class OptionsCopy {
 public:
  explicit OptionsCopy(const redisOptions& from) : options_(from) {
    if (from.type == REDIS_CONN_TCP) {
      Keep(&options_.endpoint.tcp.ip, &host_);
      Keep(&options_.endpoint.tcp.source_addr, &source_);
    } else if (from.type == REDIS_CONN_UNIX) {
      Keep(&options_.endpoint.unix_socket, &host_);
    }
    Keep(&options_.connect_timeout, &connect_timeout_);
    Keep(&options_.command_timeout, &command_timeout_);
  }
  OptionsCopy(const OptionsCopy&) = delete;
  OptionsCopy& operator=(const OptionsCopy&) = delete;

  redisOptions& get() { return options_; }

 private:
  static void Keep(const char** text, std::string* copy) {
    if (*text == nullptr) return;
    *copy = *text;
    *text = copy->c_str();
  }
  static void Keep(const timeval** time, timeval* copy) {
    if (*time == nullptr) return;
    *copy = **time;
    *time = copy;
  }

  redisOptions options_;
  std::string host_, source_;
  timeval connect_timeout_ = {}, command_timeout_ = {};
};

}  // namespace dualis::hiredis

#endif  // DUALIS_COMPAT_HIREDIS_EXTENSIONS_OPTIONS_COPY_H_
