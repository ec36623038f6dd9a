#include <random>

#include "client/helpers/scripts.h"

namespace dualis::helpers {

std::string NewToken() {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::random_device random;
  std::string token;
  for (int word = 0; word < 4; ++word) {
    uint32_t bits = random();
    for (int digit = 0; digit < 8; ++digit, bits >>= 4) token.push_back(kDigits[bits & 15]);
  }
  return token;
}

}  // namespace dualis::helpers
