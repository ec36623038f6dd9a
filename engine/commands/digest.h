// DEBUG DIGEST: a signature of data that does not depend on their encodings or on the order of unordered things. The
// same as redis-server's for the same data.
#ifndef DUALIS_ENGINE_COMMANDS_DIGEST_H_
#define DUALIS_ENGINE_COMMANDS_DIGEST_H_

#include <array>
#include <string>

#include "engine/keyspace/db.h"

namespace dualis {

class Digest {
 public:
  // Adds something whose place does not matter.
  void AddUnordered(Bytes bytes);
  // Adds something after what was added before.
  void AddOrdered(Bytes bytes);
  // Type, value and whether it expires.
  void AddValue(const Entry& entry);
  // Every key of a database.
  void AddDb(const Db& db);

  Bytes bytes() const { return Bytes(reinterpret_cast<const char*>(bytes_.data()), bytes_.size()); }
  // 40 hexadecimal digits.
  std::string Hex() const;

 private:
  std::array<unsigned char, 20> bytes_{};
};

}  // namespace dualis

#endif  // DUALIS_ENGINE_COMMANDS_DIGEST_H_
