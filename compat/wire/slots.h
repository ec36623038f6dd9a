// What every client of a Redis Cluster must know: which slot a key belongs to, and how a node says "not here".
#ifndef DUALIS_COMPAT_WIRE_SLOTS_H_
#define DUALIS_COMPAT_WIRE_SLOTS_H_

#include <cstdint>
#include <optional>

#include "dualis/bytes.h"

namespace dualis::wire {

inline constexpr int kSlots = 16384;

// CRC16 as Redis Cluster computes it (XMODEM: polynomial 0x1021, start 0).
uint16_t Crc16(Bytes bytes);

// The part of a key that is hashed: what stands between the first `{` and the next `}` if that is not empty, else all.
Bytes HashTag(Bytes key);

// CLUSTER KEYSLOT.
inline int KeySlot(Bytes key) { return Crc16(HashTag(key)) % kSlots; }

// "MOVED 3999 127.0.0.1:6381" or "ASK 3999 127.0.0.1:6381".
struct Redirect {
  bool ask = false;  // for this one command, behind ASKING; otherwise for good
  int slot = 0;
  Bytes host;  // empty: the host that answered. Borrowed from the text; an IPv6 address has no brackets
  int port = 0;
};

// The redirect in an error's text; nothing if it is another error.
std::optional<Redirect> ParseRedirect(Bytes error_text);

}  // namespace dualis::wire

#endif  // DUALIS_COMPAT_WIRE_SLOTS_H_
