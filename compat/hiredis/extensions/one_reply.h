// For what is built on one callback per command.
#ifndef DUALIS_COMPAT_HIREDIS_EXTENSIONS_ONE_REPLY_H_
#define DUALIS_COMPAT_HIREDIS_EXTENSIONS_ONE_REPLY_H_

#include <algorithm>

#include "engine/command/word.h"

namespace dualis::hiredis {

// Whether the callback of a command, which is RESP, is called once: not so that of SUBSCRIBE and its kin, and MONITOR.
inline bool HasOneReply(Bytes resp) {
  const size_t begin = resp.find("\r\n", std::min(resp.size(), resp.find('$')));
  if (begin == Bytes::npos) return true;
  const Bytes name = resp.substr(begin + 2, resp.find('\r', begin + 2) - begin - 2);
  constexpr Bytes kSuffix = "SUBSCRIBE";
  const bool subscribes = name.size() >= kSuffix.size() && IsWord(name.substr(name.size() - kSuffix.size()), kSuffix);
  return !subscribes && !IsWord(name, "MONITOR");
}

}  // namespace dualis::hiredis

#endif  // DUALIS_COMPAT_HIREDIS_EXTENSIONS_ONE_REPLY_H_
