// A reply as a tree, and its text in a case file. The text is redis-cli's where that is unambiguous, and every kind has
// a form of its own:
//
//   OK                       status of one word; (status) "two words" otherwise
//   (error) ERR syntax error
//   42                       integer
//   "text"                   bulk string, always quoted
//   (nil)   (nil array)      RESP2's $-1 and *-1; RESP3's _ is (nil)
//   (double) 3.5   (true)   (false)   (big) 123   (verbatim txt) "text"
//   1) "a"                   array       1~ "a"          set
//   2) 1) "nested"           (empty array) (empty set) (empty map) (empty push)
//   1# "field" => "value"    map         1! "message"    push
//   (blocked) (nothing) (closed)         no reply yet; nothing was delivered; the connection is gone
//
// Parts of an expected reply that cannot be known beforehand are written as matchers (see match.h):
//
//   (any)  (any bulk)  (any integer) ...    any value, or any of one kind
//   (between 9000 10000)                    an integer, or a bulk or double holding a number, within the bounds
//   (number 3.1)                            a double or a bulk that reads as this double, however it is printed
//   (match bulk) REGEX   (match error) ...  a text matched as a whole by an ECMAScript regular expression
//   ...                                     as the last element of an array, set or push: any more elements
#ifndef DUALIS_TESTS_RUNNER_REPLY_TREE_H_
#define DUALIS_TESTS_RUNNER_REPLY_TREE_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace dualis::cases {

struct ReplyTree {
  enum class Kind {
    kStatus,
    kError,
    kInteger,
    kBulk,
    kNull,
    kNullArray,
    kDouble,
    kBool,
    kBigNumber,
    kVerbatim,
    kArray,
    kSet,
    kMap,
    kPush,
    kBlocked,
    kNothing,
    kClosed,
    // Only in expected replies:
    kAny,
    kAnyOf,
    kBetween,
    kNumber,
    kMatch,
    kRest,
  };

  Kind kind = Kind::kNull;
  Kind of = Kind::kNull;  // kAnyOf and kMatch: the kind asked for
  std::string
      text;  // status, error, bulk, double, big number, verbatim, regular expression; kBetween and kNumber: lower bound
  std::string extra;                // verbatim: the format of three letters; kBetween: the upper bound
  int64_t integer = 0;              // integer; bool as 0 or 1
  std::vector<ReplyTree> children;  // a map's keys and values in turn

  bool operator==(const ReplyTree&) const = default;

  bool IsAggregate() const {
    return kind == Kind::kArray || kind == Kind::kSet || kind == Kind::kMap || kind == Kind::kPush;
  }

  static ReplyTree Status(std::string_view text) { return {Kind::kStatus, Kind::kNull, std::string(text)}; }
  static ReplyTree Error(std::string_view text) { return {Kind::kError, Kind::kNull, std::string(text)}; }
  static ReplyTree Bulk(std::string_view text) { return {Kind::kBulk, Kind::kNull, std::string(text)}; }
  static ReplyTree Double(std::string_view text) { return {Kind::kDouble, Kind::kNull, std::string(text)}; }
  static ReplyTree Integer(int64_t n) { return {Kind::kInteger, Kind::kNull, "", "", n}; }
  static ReplyTree Bool(bool b) { return {Kind::kBool, Kind::kNull, "", "", b}; }
  static ReplyTree Of(Kind kind) { return {kind}; }
  static ReplyTree Aggregate(Kind kind, std::vector<ReplyTree> children) {
    return {kind, Kind::kNull, "", "", 0, std::move(children)};
  }
};

// The lines of `reply`, without line ends.
std::vector<std::string> PrintReply(const ReplyTree& reply);

// The inverse of PrintReply, matchers included. Throws std::invalid_argument that says which line is wrong.
ReplyTree ParseReply(const std::vector<std::string>& lines);

// True if the tree holds a matcher anywhere: recording then leaves the hand-written text alone.
bool HasMatcher(const ReplyTree& reply);

}  // namespace dualis::cases

#endif  // DUALIS_TESTS_RUNNER_REPLY_TREE_H_
