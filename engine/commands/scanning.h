// What SCAN and its kin share.
#ifndef DUALIS_ENGINE_COMMANDS_SCANNING_H_
#define DUALIS_ENGINE_COMMANDS_SCANNING_H_

#include <cstdint>
#include <cstdlib>
#include <string>

#include "engine/core/glob.h"

namespace dualis::cmd {

// The number of a cursor. Requires: Scan::IsCursor(text).
inline uint64_t ParseCursor(Bytes text) { return std::strtoull(std::string(text).c_str(), nullptr, 10); }

// A plain star asks for everything, the empty name included, which no other pattern but the empty one matches.
inline bool Matches(Bytes pattern, Bytes name) { return pattern == "*" || GlobMatch(pattern, name); }

}  // namespace dualis::cmd

#endif  // DUALIS_ENGINE_COMMANDS_SCANNING_H_
