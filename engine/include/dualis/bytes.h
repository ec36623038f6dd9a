// Bytes: any octets, never assumed to be text; always borrowed. Key: bytes that name a key, so that prefixes, routing
// and access control can tell keys from other arguments by type.
#ifndef DUALIS_BYTES_H_
#define DUALIS_BYTES_H_

#include <cstdint>
#include <string>
#include <string_view>

namespace dualis {

using Bytes = std::string_view;

// Milliseconds since the Unix epoch.
using TimeMs = int64_t;

// A borrowed key name. The bytes must outlive every use of the Key.
struct Key {
  Bytes name;

  constexpr Key() = default;
  constexpr Key(Bytes n) : name(n) {}                // NOLINT(google-explicit-constructor)
  constexpr Key(const char* n) : name(n) {}          // NOLINT(google-explicit-constructor)
  Key(const std::string& n) : name(n) {}             // NOLINT(google-explicit-constructor)
  constexpr operator Bytes() const { return name; }  // NOLINT(google-explicit-constructor)
  friend constexpr bool operator==(const Key&, const Key&) = default;
};

// An owned key name inside a reply (SCAN, BLPOP, XREAD). A client with a prefix strips it from these and from nothing
// else.
struct KeyName {
  std::string name;

  KeyName() = default;
  KeyName(std::string n) : name(std::move(n)) {}  // NOLINT(google-explicit-constructor)
  operator Bytes() const { return name; }         // NOLINT(google-explicit-constructor)
  friend bool operator==(const KeyName&, const KeyName&) = default;
  friend auto operator<=>(const KeyName&, const KeyName&) = default;
};

}  // namespace dualis

#endif  // DUALIS_BYTES_H_
