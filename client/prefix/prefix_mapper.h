// PrefixMapper: puts a client's prefix in front of the names of one command.
#ifndef DUALIS_CLIENT_PREFIX_PREFIX_MAPPER_H_
#define DUALIS_CLIENT_PREFIX_PREFIX_MAPPER_H_

#include <memory>
#include <string>
#include <vector>

#include "dualis/command.h"

namespace dualis::client {

// The prefix as a glob that matches only itself.
std::string EscapeGlob(Bytes text);

// A prefix in both spellings; constant after construction, shared by all calls of a client.
struct Prefix {
  explicit Prefix(std::string text) : plain(std::move(text)), glob(EscapeGlob(plain)) {}
  bool empty() const { return plain.empty(); }

  std::string plain;
  std::string glob;
};

// Lives as long as one call; what it returns lives as long as it does. Short names, the usual ones, go to a buffer of
// its own and cost no allocation.
class PrefixMapper final : public KeyMapper {
 public:
  explicit PrefixMapper(const Prefix& prefix) : prefix_(prefix) {}
  Bytes MapKey(Bytes key) override { return Join(prefix_.plain, key); }
  Bytes MapKeyPattern(Bytes glob) override { return Join(prefix_.glob, glob); }
  Bytes MapChannel(Bytes channel) override { return Join(prefix_.plain, channel); }
  Bytes MapChannelPattern(Bytes glob) override { return Join(prefix_.glob, glob); }
  Bytes DefaultKeyPattern() override { return Join(prefix_.glob, "*"); }

 private:
  Bytes Join(Bytes front, Bytes back);

  const Prefix& prefix_;
  size_t used_ = 0;
  char near_[192];
  std::vector<std::unique_ptr<char[]>> far_;
};

}  // namespace dualis::client

#endif  // DUALIS_CLIENT_PREFIX_PREFIX_MAPPER_H_
