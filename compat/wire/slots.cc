#include "compat/wire/slots.h"

#include <array>

#include "engine/core/number_text.h"

namespace dualis::wire {
namespace {

constexpr std::array<uint16_t, 256> kCrcTable = [] {
  std::array<uint16_t, 256> table{};
  for (int byte = 0; byte < 256; ++byte) {
    uint16_t crc = static_cast<uint16_t>(byte << 8);
    for (int bit = 0; bit < 8; ++bit) {
      crc = static_cast<uint16_t>((crc & 0x8000) != 0 ? (crc << 1) ^ 0x1021 : crc << 1);
    }
    table[static_cast<size_t>(byte)] = crc;
  }
  return table;
}();

// The text up to the next space, which is removed from *text together with it.
Bytes TakeWord(Bytes* text) {
  const size_t space = text->find(' ');
  const Bytes word = text->substr(0, space);
  text->remove_prefix(space == Bytes::npos ? text->size() : space + 1);
  return word;
}

}  // namespace

uint16_t Crc16(Bytes bytes) {
  uint16_t crc = 0;
  for (const char c : bytes) {
    crc = static_cast<uint16_t>((crc << 8) ^ kCrcTable[((crc >> 8) ^ static_cast<uint8_t>(c)) & 0xff]);
  }
  return crc;
}

Bytes HashTag(Bytes key) {
  const size_t open = key.find('{');
  if (open == Bytes::npos) return key;
  const size_t close = key.find('}', open + 1);
  if (close == Bytes::npos || close == open + 1) return key;
  return key.substr(open + 1, close - open - 1);
}

std::optional<Redirect> ParseRedirect(Bytes text) {
  Redirect redirect;
  const Bytes word = TakeWord(&text);
  redirect.ask = word == "ASK";
  if (!redirect.ask && word != "MOVED") return std::nullopt;
  const auto slot = ParseInt64(TakeWord(&text));
  const Bytes address = TakeWord(&text);
  // The last colon: an IPv6 address has colons of its own.
  const size_t colon = address.rfind(':');
  if (!slot || *slot < 0 || *slot >= kSlots || colon == Bytes::npos) return std::nullopt;
  const auto port = ParseInt64(address.substr(colon + 1));
  if (!port || *port < 1 || *port > 65535) return std::nullopt;
  redirect.slot = static_cast<int>(*slot);
  redirect.port = static_cast<int>(*port);
  redirect.host = address.substr(0, colon);
  if (redirect.host.size() > 2 && redirect.host.front() == '[' && redirect.host.back() == ']') {
    redirect.host = redirect.host.substr(1, redirect.host.size() - 2);
  }
  // A node that does not know its own name says so with a question mark.
  if (redirect.host == "?") redirect.host = Bytes();
  return redirect;
}

}  // namespace dualis::wire
