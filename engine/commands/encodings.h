// The names of encodings, as OBJECT ENCODING and DEBUG OBJECT tell them.
#ifndef DUALIS_ENGINE_COMMANDS_ENCODINGS_H_
#define DUALIS_ENGINE_COMMANDS_ENCODINGS_H_

#include "engine/core/number_text.h"
#include "engine/keyspace/entry.h"
#include "engine/keyspace/values.h"

namespace dualis {

inline Bytes EncodingOf(const Entry& entry) {
  constexpr size_t kEmbedded = 44;
  if (entry.type() != ValueType::kString) return EncodingOf(entry.type(), entry.value());
  const Bytes text = entry.string().view();
  if (entry.string_form() == StringForm::kEdited) return "raw";
  if (entry.string_form() == StringForm::kGiven && text.size() <= kInt64Chars && ParseInt64(text)) return "int";
  return text.size() <= kEmbedded ? "embstr" : "raw";
}

}  // namespace dualis

#endif  // DUALIS_ENGINE_COMMANDS_ENCODINGS_H_
