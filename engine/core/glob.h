// Redis' glob-style patterns, as KEYS, SCAN MATCH, PSUBSCRIBE, CONFIG GET and ACL use them.
//
//   *        any run of bytes            ?      any one byte
//   [abc]    one of these                [^a]   any one but these          [a-z]  a range, in either order
//   \x       the byte x, also in a class
//
// Redis' corner cases are kept, because clients meet them: a class that is never closed ends with the pattern, "[^"
// alone matches any byte, an escape inside a class is case sensitive even when the match is not, a range compares
// signed bytes, and no pattern but the empty one matches the empty string (commands treat a plain "*" themselves).
#ifndef DUALIS_ENGINE_CORE_GLOB_H_
#define DUALIS_ENGINE_CORE_GLOB_H_

#include <string>

#include "dualis/bytes.h"

namespace dualis {

enum class GlobCase { kSensitive, kIgnore };  // kIgnore folds ASCII letters only

// Whether the whole of `text` matches. Takes at most pattern * text steps and no stack or memory, whatever the pattern.
bool GlobMatch(Bytes pattern, Bytes text, GlobCase letters = GlobCase::kSensitive);

// A pattern that matches exactly `text` (if not empty), for literal parts of built patterns.
std::string GlobEscape(Bytes text);

// The bytes that every case sensitive match of the pattern starts with, escapes resolved.
std::string LiteralPrefix(Bytes pattern);

// Whether the pattern can match more than one text: it has a `*`, a `?` or a class.
bool HasWildcard(Bytes pattern);

}  // namespace dualis

#endif  // DUALIS_ENGINE_CORE_GLOB_H_
