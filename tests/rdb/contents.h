// What an engine or a redis-server holds, read by the commands of each type, so that the two can be compared.
#ifndef DUALIS_TESTS_RDB_CONTENTS_H_
#define DUALIS_TESTS_RDB_CONTENTS_H_

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "dualis/engine.h"
#include "tests/runner/reply_tree.h"

namespace dualis::test {

using Words = std::vector<std::string>;
// Executes one command.
using Ask = std::function<cases::ReplyTree(const Words&)>;

Ask AskEngine(Session& session);

// The reply as text.
std::string Text(const cases::ReplyTree& reply);

// What one key holds, its type and expiry included.
std::string ContentsOf(const Ask& ask, const std::string& key);
// All keys of the databases 0 to `databases` - 1: "0/key" and what it holds.
std::map<std::string, std::string> ContentsOf(const Ask& ask, int databases);

// Puts every type in every encoding into databases 0, 1 and 9: small and large, with and without expiry, texts of all
// lengths that matter to the format, streams with groups.
void Fill(const Ask& ask);

// So many characters that do not compress well, the same for the same arguments.
std::string Noise(size_t size, uint64_t seed);

}  // namespace dualis::test

#endif  // DUALIS_TESTS_RDB_CONTENTS_H_
