// Redis' names for the flags of commands and keys, and the access-control categories that follow from them.
#ifndef DUALIS_ENGINE_COMMAND_FLAG_NAMES_H_
#define DUALIS_ENGINE_COMMAND_FLAG_NAMES_H_

#include <span>
#include <vector>

#include "dualis/command.h"
#include "dualis/syntax.h"

namespace dualis {

// As COMMAND INFO lists them: "write", "denyoom" ...
std::vector<Bytes> FlagNames(uint32_t flags);
// As key specs list them: "RW", "update" ...
std::vector<Bytes> KeyUseNames(uint16_t use);
// The categories of ACL without '@': "write", "string", "fast" ...
std::vector<Bytes> CategoryNames(const CommandInfo& info);
// Every category, as ACL CAT lists them.
std::span<const Bytes> AclCategories();
// The group as COMMAND DOCS names it: "string", "sorted-set" ...
Bytes GroupName(Group group);

}  // namespace dualis

#endif  // DUALIS_ENGINE_COMMAND_FLAG_NAMES_H_
