// The parts of a libhiredis that need no server, on their own: reading replies and formatting commands. Ours beside
// Debian's, which frees and allocates the same objects.
#include <dlfcn.h>
#include <hiredis/hiredis.h>

#include <algorithm>
#include <stdexcept>
#include <string>

#include "bench/figure.h"

namespace dualis::bench {
namespace {

// What a socket's buffer gives at a time.
constexpr size_t kPiece = 16 * 1024;

// The functions of one libhiredis: Debian's and ours have the same names, so each is loaded for itself. A reader's
// layout differs between them and is not looked at.
class Hiredis {
 public:
  explicit Hiredis(const char* library) {
    handle_ = dlopen(library, RTLD_NOW | RTLD_LOCAL);
    if (handle_ == nullptr) throw std::runtime_error(dlerror());
    Find(create_, "redisReaderCreate");
    Find(free_reader_, "redisReaderFree");
    Find(feed_, "redisReaderFeed");
    Find(get_reply_, "redisReaderGetReply");
    Find(free_reply_, "freeReplyObject");
    Find(format_, "redisFormatCommand");
    Find(free_command_, "redisFreeCommand");
    reader_ = create_();
  }
  // Ours only: each reply in few blocks.
  void SetCompact() {
    void (*set)(redisReader*, int);
    Find(set, "dualisReaderSetCompact");
    set(reader_, 1);
  }
  ~Hiredis() { free_reader_(reader_); }
  Hiredis(const Hiredis&) = delete;
  Hiredis& operator=(const Hiredis&) = delete;

  // Feeds the bytes in pieces, and frees each reply as soon as it is there. How many there were.
  size_t Read(const std::string& bytes) {
    size_t replies = 0;
    for (size_t at = 0; at < bytes.size(); at += kPiece) {
      feed_(reader_, bytes.data() + at, std::min(kPiece, bytes.size() - at));
      void* reply = nullptr;
      while (get_reply_(reader_, &reply) == REDIS_OK && reply != nullptr) {
        ++replies;
        free_reply_(reply);
      }
    }
    return replies;
  }
  void Format(const std::string& value) {
    char* command = nullptr;
    Keep(format_(&command, "SET key %b", value.data(), value.size()));
    free_command_(command);
  }

 private:
  template <class Function>
  void Find(Function*& function, const char* name) {
    function = reinterpret_cast<Function*>(dlsym(handle_, name));
    if (function == nullptr) throw std::runtime_error(dlerror());
  }

  void* handle_;
  decltype(&::redisReaderCreate) create_;
  decltype(&::redisReaderFree) free_reader_;
  decltype(&::redisReaderFeed) feed_;
  decltype(&::redisReaderGetReply) get_reply_;
  decltype(&::freeReplyObject) free_reply_;
  decltype(&::redisFormatCommand) format_;
  decltype(&::redisFreeCommand) free_command_;
  redisReader* reader_;
};

constexpr const char* kTheirs = "libhiredis.so.0.14";

// Nanoseconds per thing, of which `bytes` hold `things` in `replies` replies.
Measured Read(const Plan& plan, const std::string& bytes, size_t replies, size_t things, size_t times,
              bool compact = false) {
  const OneCpu cpu;
  Hiredis ours(DUALIS_OUR_HIREDIS), theirs(kTheirs);
  if (compact) ours.SetCompact();
  const size_t n = plan.Scale(times, 4);
  const auto run = [&](Hiredis& side) {
    return TimePer(n * things, [&] {
      for (size_t i = 0; i < n; ++i) {
        if (side.Read(bytes) != replies) throw std::runtime_error("the reader does not read");
      }
    });
  };
  return Alternate(
      plan, [&] { return run(ours); }, [&] { return run(theirs); });
}

std::string Bulk(const std::string& text) { return "$" + std::to_string(text.size()) + "\r\n" + text + "\r\n"; }

Measured ReaderSmall(const Plan& plan) {
  constexpr size_t kReplies = 3'000;
  std::string bytes;
  for (size_t i = 0; i < kReplies; i += 3) {
    bytes += "+OK\r\n:" + std::to_string(i) + "\r\n" + Bulk("0123456789abcdef");
  }
  return Read(plan, bytes, kReplies, kReplies, 400);
}

Measured ReaderArray(const Plan& plan, bool compact) {
  constexpr size_t kElements = 10'000;
  std::string bytes = "*" + std::to_string(kElements) + "\r\n";
  for (size_t i = 0; i < kElements; ++i) bytes += Bulk(std::string(32, 'x'));
  return Read(plan, bytes, 1, kElements, 50, compact);
}

// As XRANGE replies: entries of an id and twenty fields and values.
Measured ReaderNested(const Plan& plan, bool compact) {
  constexpr size_t kEntries = 100, kFields = 20;
  std::string bytes = "*" + std::to_string(kEntries) + "\r\n";
  for (size_t i = 0; i < kEntries; ++i) {
    bytes += "*2\r\n" + Bulk("1700000000000-" + std::to_string(i)) + "*" + std::to_string(kFields) + "\r\n";
    for (size_t f = 0; f < kFields; ++f) bytes += Bulk("field" + std::to_string(f));
  }
  return Read(plan, bytes, 1, 1 + kEntries * (3 + kFields), 250, compact);
}

Measured ReaderBulk(const Plan& plan) { return Read(plan, Bulk(std::string(1 << 20, 'x')), 1, 1, 1'000); }

Measured Format(const Plan& plan) {
  const OneCpu cpu;
  Hiredis ours(DUALIS_OUR_HIREDIS), theirs(kTheirs);
  const size_t n = plan.Scale(500'000);
  const std::string value(32, 'x');
  const auto run = [&](Hiredis& side) {
    return TimePer(n, [&] {
      for (size_t i = 0; i < n; ++i) side.Format(value);
    });
  };
  return Alternate(
      plan, [&] { return run(ours); }, [&] { return run(theirs); });
}

}  // namespace

std::vector<Figure> ReplyFigures() {
  return {
      {"reader_small", "libhiredis' reader: +OK, an integer, 16 bytes; per reply, all with freeing; Debian's",
       ReaderSmall},
      {"reader_array", "an array of 10 000 strings of 32 bytes, per element; the same",
       [](const Plan& p) { return ReaderArray(p, false); }},
      {"reader_nested", "100 stream entries of 20 short strings, per element; the same",
       [](const Plan& p) { return ReaderNested(p, false); }},
      {"reader_compact_array", "reader_array with replies in few blocks (dualisReaderSetCompact); the same",
       [](const Plan& p) { return ReaderArray(p, true); }},
      {"reader_compact_nested", "reader_nested so; the same", [](const Plan& p) { return ReaderNested(p, true); }},
      {"reader_bulk", "a string of 1 MB in pieces of 16 KiB; the same", ReaderBulk},
      {"format", "redisFormatCommand(\"SET key %b\") of 32 bytes; the same", Format},
  };
}

}  // namespace dualis::bench
