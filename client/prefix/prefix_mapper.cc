#include "client/prefix/prefix_mapper.h"

#include <cstring>

namespace dualis::client {

std::string EscapeGlob(Bytes text) {
  std::string glob;
  for (const char c : text) {
    // These start something in Redis' patterns; ']', '^' and '-' mean something only after an open '['.
    if (c == '*' || c == '?' || c == '[' || c == '\\') glob += '\\';
    glob += c;
  }
  return glob;
}

Bytes PrefixMapper::Join(Bytes front, Bytes back) {
  const size_t size = front.size() + back.size();
  char* place;
  if (size <= sizeof(near_) - used_) {
    place = near_ + used_;
    used_ += size;
  } else {
    place = far_.emplace_back(std::make_unique_for_overwrite<char[]>(size)).get();
  }
  std::memcpy(place, front.data(), front.size());
  if (!back.empty()) std::memcpy(place + front.size(), back.data(), back.size());
  return Bytes(place, size);
}

}  // namespace dualis::client
