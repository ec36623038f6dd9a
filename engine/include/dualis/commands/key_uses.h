// What the commands of collections do with their keys, in the combinations that Redis' key specs have.
#ifndef DUALIS_COMMANDS_KEY_USES_H_
#define DUALIS_COMMANDS_KEY_USES_H_

#include "dualis/errors.h"
#include "dualis/syntax.h"

namespace dualis::cmd {

// Adds without looking at what is there.
inline constexpr auto kKeyInserts = static_cast<KeyUse>(kKeyRW | kKeyInsert);
// Removes without replying it.
inline constexpr auto kKeyRemoves = static_cast<KeyUse>(kKeyRW | kKeyDelete);
// Removes and replies what it removed.
inline constexpr auto kKeyTakes = static_cast<KeyUse>(kKeyRW | kKeyAccess | kKeyDelete);
// Replies a value computed from what was there.
inline constexpr auto kKeyComputes = static_cast<KeyUse>(kKeyRW | kKeyAccess | kKeyUpdate);
// Replaces what was there.
inline constexpr auto kKeyOverwrites = static_cast<KeyUse>(kKeyOW | kKeyUpdate);
// Reads, in a command that writes other keys.
inline constexpr auto kKeyReads = static_cast<KeyUse>(kKeyRO | kKeyAccess);
// Tells of the value, but no part of it.
inline constexpr auto kKeyTells = kKeyRO;

// The keys of LMPOP, ZMPOP and their like.
inline constexpr CountRule kPopKeys = {1, &errors::kNumKeysNotPositive, &errors::kNumKeysNotPositive, &errors::kSyntax};

}  // namespace dualis::cmd

#endif  // DUALIS_COMMANDS_KEY_USES_H_
