// JSON as scripts write and read it. Written: no blanks, keys in the order of their bytes, numbers with the text that
// to_str gives them, bytes as they are with only ", \ and control characters below 0x20 escaped: what was not UTF-8
// stays so. Read: RFC 8259 without a check for UTF-8; \u escapes become UTF-8, half a surrogate pair U+FFFD; of a key
// that comes twice the last value counts.
#ifndef DUALIS_SCRIPT_SEMANTICS_JSON_H_
#define DUALIS_SCRIPT_SEMANTICS_JSON_H_

#include <string>

#include "dualis/script_value.h"

namespace dualis::script {

enum class JsonStyle {
  kExact,    // to_json: infinities, nan and deep nesting are failures
  kMessage,  // for people: inf and nan are written, deep parts as "..."
};

// Null, or what cannot be written.
const char* WriteJson(const Value& value, JsonStyle style, std::string* out, int depth = 0);
// False if the text is not JSON, or nested deeper than kMaxNesting.
bool ReadJson(Bytes text, Value* out);

}  // namespace dualis::script

#endif  // DUALIS_SCRIPT_SEMANTICS_JSON_H_
