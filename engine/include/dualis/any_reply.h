// AnyReply: a reply whose type is known only when it arrives; what client.command({...}) returns.
#ifndef DUALIS_ANY_REPLY_H_
#define DUALIS_ANY_REPLY_H_

#include <string>
#include <vector>

#include "dualis/into.h"

namespace dualis {

// A tree of values. An error inside an aggregate (EXEC) is a node of kind kError.
struct AnyReply {
  enum class Kind : uint8_t { kNull, kInt, kBool, kDouble, kBytes, kStatus, kError, kArray, kMap, kSet, kPush };

  Kind kind = Kind::kNull;
  int64_t integer = 0;             // kInt, kBool
  double number = 0;               // kDouble
  std::string text;                // kBytes, kStatus, kError
  std::vector<AnyReply> elements;  // aggregates; of a map: key, value, key, value ...

  bool is_null() const { return kind == Kind::kNull; }
  friend bool operator==(const AnyReply&, const AnyReply&) = default;
};

template <>
struct ReplyOf<AnyReply> {
  static const ReplyType* ChildType(size_t, bool);
  static const ReplyType kType;
};

// The reply in redis-cli's manner, for messages and logs.
std::string ToText(const AnyReply& reply);

}  // namespace dualis

#endif  // DUALIS_ANY_REPLY_H_
