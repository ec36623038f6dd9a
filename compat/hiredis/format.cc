#include "compat/hiredis/format.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstring>

namespace dualis::hiredis {
namespace {

size_t Digits(size_t n) {
  size_t digits = 1;
  for (; n >= 10; n /= 10) ++digits;
  return digits;
}

char* WriteHeader(char* out, char type, size_t n) {
  *out++ = type;
  out = std::to_chars(out, out + 20, n).ptr;
  *out++ = '\r';
  *out++ = '\n';
  return out;
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool OneOf(char c, const char* set) { return c != '\0' && std::strchr(set, c) != nullptr; }

// Moves `bytes` of memory that may be inline to a block of `room`.
template <class T>
bool Regrow(T** memory, const T* inline_memory, size_t used, size_t room) {
  T* grown;
  if (*memory == inline_memory) {
    grown = static_cast<T*>(hi_malloc(room * sizeof(T)));
    if (grown != nullptr) std::memcpy(grown, *memory, used * sizeof(T));
  } else {
    grown = static_cast<T*>(hi_realloc(*memory, room * sizeof(T)));
  }
  if (grown == nullptr) return false;
  *memory = grown;
  return true;
}

}  // namespace

template <class W>
size_t RespSize(const W& words) {
  size_t size = 3 + Digits(words.count());
  for (size_t i = 0; i < words.count(); ++i) {
    const size_t n = words[i].size();
    size += 5 + Digits(n) + n;
  }
  return size;
}

template <class W>
void WriteResp(const W& words, char* out) {
  out = WriteHeader(out, '*', words.count());
  for (size_t i = 0; i < words.count(); ++i) {
    const Bytes word = words[i];
    out = WriteHeader(out, '$', word.size());
    if (!word.empty()) std::memcpy(out, word.data(), word.size());
    out += word.size();
    *out++ = '\r';
    *out++ = '\n';
  }
}

template size_t RespSize(const Words&);
template size_t RespSize(const ArgvWords&);
template void WriteResp(const Words&, char*);
template void WriteResp(const ArgvWords&, char*);

Words::~Words() {
  if (bytes_ != inline_bytes_) hi_free(bytes_);
  if (ends_ != inline_ends_) hi_free(ends_);
}

bool Words::MakeRoom(size_t n) {
  if (room_ - size_ >= n) return true;
  const size_t room = std::max(room_ * 2, size_ + n);
  if (!Regrow(&bytes_, inline_bytes_, size_, room)) return false;
  room_ = room;
  return true;
}

bool Words::Put(const char* p, size_t n) {
  if (!MakeRoom(n)) return false;
  if (n > 0) std::memcpy(bytes_ + size_, p, n);
  size_ += n;
  return true;
}

bool Words::EndWord() {
  if (count_ == ends_room_) {
    if (!Regrow(&ends_, inline_ends_, count_, ends_room_ * 2)) return false;
    ends_room_ *= 2;
  }
  ends_[count_++] = size_;
  return true;
}

int Words::Parse(const char* format, va_list ap) {
  va_list args;
  va_copy(args, ap);
  int result = 0;
  bool open = false;  // a word has begun, be it empty
  const char* p = format;
  while (*p != '\0' && result == 0) {
    bool done = true;
    if (*p == ' ') {
      if (open) done = EndWord();
      open = false;
      ++p;
    } else if (*p != '%' || p[1] == '\0') {
      const size_t n = 1 + std::strcspn(p + 1, " %");
      done = Put(p, n);
      open = true;
      p += n;
    } else {
      open = true;
      ++p;
      if (*p == 's') {
        const char* word = va_arg(args, char*);
        done = Put(word, std::strlen(word));
        ++p;
      } else if (*p == 'b') {
        const char* word = va_arg(args, char*);
        const size_t size = va_arg(args, size_t);
        done = Put(word, size);
        ++p;
      } else if (*p == '%') {
        done = Put(p, 1);
        ++p;
      } else {
        result = Convert(&p, &args);
      }
    }
    if (!done) result = -1;
  }
  va_end(args);
  if (result == 0 && open && !EndWord()) result = -1;
  return result;
}

int Words::Convert(const char** format, va_list* ap) {
  const char* const begin = *format;
  const char* p = begin;
  while (OneOf(*p, "#0-+ ")) ++p;
  while (IsDigit(*p)) ++p;
  if (*p == '.') {
    ++p;
    while (IsDigit(*p)) ++p;
  }
  // What the argument is: an int, a long, a long long, or a double.
  enum { kInt, kLong, kLongLong, kDouble } type = kInt;
  if (OneOf(*p, "eEfFgGaA")) {
    type = kDouble;
  } else {
    if (p[0] == 'h') {
      p += p[1] == 'h' ? 2 : 1;
    } else if (p[0] == 'l' && p[1] == 'l') {
      type = kLongLong;
      p += 2;
    } else if (p[0] == 'l') {
      type = kLong;
      ++p;
    }
    if (!OneOf(*p, "diouxX")) return -2;
  }
  ++p;
  // The percent sign, the conversion and a zero. Of a longer one (a width of a dozen digits) the argument is taken and
  // all but its first character stands for itself, as it always has been.
  char spec[16];
  const size_t size = static_cast<size_t>(p - begin);
  const bool fits = size + 1 < 14;
  if (fits) {
    spec[0] = '%';
    std::memcpy(spec + 1, begin, size);
    spec[size + 1] = '\0';
  }
  const auto print = [&](auto value) {
    if (!fits) return 0;
    const int n = std::snprintf(nullptr, 0, spec, value);
    if (n < 0) return 0;  // a width that no text can have
    if (!MakeRoom(static_cast<size_t>(n) + 1)) return -1;
    std::snprintf(bytes_ + size_, static_cast<size_t>(n) + 1, spec, value);
    size_ += static_cast<size_t>(n);
    return 0;
  };
  *format = fits ? p : begin + 1;
  switch (type) {
    case kInt:
      return print(va_arg(*ap, int));
    case kLong:
      return print(va_arg(*ap, long));
    case kLongLong:
      return print(va_arg(*ap, long long));
    case kDouble:
      return print(va_arg(*ap, double));
  }
  return -2;
}

namespace {

// RESP in a block of the program's allocator, with a zero behind; -1 if memory is short.
template <class W>
long long NewCommand(const W& words, char** target) {
  const size_t size = RespSize(words);
  char* out = static_cast<char*>(hi_malloc(size + 1));
  if (out == nullptr) return -1;
  WriteResp(words, out);
  out[size] = '\0';
  *target = out;
  return static_cast<long long>(size);
}

}  // namespace
}  // namespace dualis::hiredis

using dualis::hiredis::ArgvWords;
using dualis::hiredis::Words;

extern "C" {

int redisvFormatCommand(char** target, const char* format, va_list ap) noexcept {
  if (target == nullptr) return -1;
  Words words;
  if (const int error = words.Parse(format, ap); error != 0) return error;
  return static_cast<int>(dualis::hiredis::NewCommand(words, target));
}

int redisFormatCommand(char** target, const char* format, ...) noexcept {
  va_list ap;
  va_start(ap, format);
  const int size = redisvFormatCommand(target, format, ap);
  va_end(ap);
  return size < 0 ? -1 : size;
}

long long redisFormatCommandArgv(char** target, int argc, const char** argv, const size_t* argvlen) noexcept {
  if (target == nullptr) return -1;
  return dualis::hiredis::NewCommand(ArgvWords{argc, argv, argvlen}, target);
}

long long redisFormatSdsCommandArgv(sds* target, int argc, const char** argv, const size_t* argvlen) noexcept {
  if (target == nullptr) return -1;
  const ArgvWords words{argc, argv, argvlen};
  const size_t size = dualis::hiredis::RespSize(words);
  sds command = sdsnewlen("", 0);
  sds grown = command == nullptr ? nullptr : sdsMakeRoomFor(command, size);
  if (grown == nullptr) {
    sdsfree(command);
    return -1;
  }
  command = grown;
  dualis::hiredis::WriteResp(words, command);
  command[size] = '\0';
  sdssetlen(command, size);
  *target = command;
  return static_cast<long long>(size);
}

void redisFreeCommand(char* cmd) noexcept { hi_free(cmd); }
void redisFreeSdsCommand(sds cmd) noexcept { sdsfree(cmd); }

}  // extern "C"
