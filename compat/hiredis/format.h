// Commands from formats: the words of a command, and words as RESP.
#ifndef DUALIS_COMPAT_HIREDIS_FORMAT_H_
#define DUALIS_COMPAT_HIREDIS_FORMAT_H_

#include <cstdarg>

#include "compat/hiredis/abi.h"
#include "dualis/bytes.h"

namespace dualis::hiredis {

// The words that a format and its arguments make. Short commands need no allocation, so an embedded context goes from a
// format to the engine without one; longer ones use the program's allocators.
class Words {
 public:
  Words() = default;
  ~Words();
  Words(const Words&) = delete;
  Words& operator=(const Words&) = delete;

  // redisvFormatCommand's results: 0, -1 (no memory) or -2 (bad format).
  int Parse(const char* format, va_list ap);

  size_t count() const { return count_; }
  Bytes operator[](size_t i) const {
    const size_t begin = i == 0 ? 0 : ends_[i - 1];
    return Bytes(bytes_ + begin, ends_[i] - begin);
  }

 private:
  bool Put(const char* p, size_t n);
  bool EndWord();
  // A printf conversion at *format (behind the percent sign), which moves behind it.
  int Convert(const char** format, va_list* ap);
  bool MakeRoom(size_t n);

  char inline_bytes_[256];
  size_t inline_ends_[16];
  char* bytes_ = inline_bytes_;
  size_t size_ = 0;
  size_t room_ = sizeof(inline_bytes_);
  size_t* ends_ = inline_ends_;
  size_t count_ = 0;
  size_t ends_room_ = sizeof(inline_ends_) / sizeof(inline_ends_[0]);
};

// Bytes that `words` (a count and operator[]) take as RESP, and the RESP itself; `out` has that much room.
template <class W>
size_t RespSize(const W& words);
template <class W>
void WriteResp(const W& words, char* out);

// C arguments as words.
struct ArgvWords {
  int argc;
  const char** argv;
  const size_t* argvlen;  // may be null

  size_t count() const { return static_cast<size_t>(argc); }
  Bytes operator[](size_t i) const { return argvlen != nullptr ? Bytes(argv[i], argvlen[i]) : Bytes(argv[i]); }
};

extern template size_t RespSize(const Words&);
extern template size_t RespSize(const ArgvWords&);
extern template void WriteResp(const Words&, char*);
extern template void WriteResp(const ArgvWords&, char*);

}  // namespace dualis::hiredis

#endif  // DUALIS_COMPAT_HIREDIS_FORMAT_H_
