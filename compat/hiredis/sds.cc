// SDS strings: see include/hiredis/sds.h for the layout.
#include <algorithm>
#include <cassert>
#include <charconv>
#include <climits>
#include <cstdio>
#include <cstring>

#include "compat/hiredis/abi.h"

namespace {

size_t HeaderBytes(int type) {
  switch (type) {
    case SDS_TYPE_5:
      return sizeof(sdshdr5);
    case SDS_TYPE_8:
      return sizeof(sdshdr8);
    case SDS_TYPE_16:
      return sizeof(sdshdr16);
    case SDS_TYPE_32:
      return sizeof(sdshdr32);
    default:
      return sizeof(sdshdr64);
  }
}

int TypeOf(const char* s) { return s[-1] & SDS_TYPE_MASK; }

// The smallest type that holds `size` bytes.
int TypeFor(size_t size) {
  if (size < 1u << 5) return SDS_TYPE_5;
  if (size < 1u << 8) return SDS_TYPE_8;
  if (size < 1u << 16) return SDS_TYPE_16;
  if (size < size_t{1} << 32) return SDS_TYPE_32;
  return SDS_TYPE_64;
}

char* Block(sds s) { return s - HeaderBytes(TypeOf(s)); }

// False if header, bytes and zero together overflow.
bool BlockBytes(int type, size_t size, size_t* bytes) {
  return !__builtin_add_overflow(size, HeaderBytes(type) + 1, bytes);
}

// A string in `block`: the header's flags, room and length.
sds Dress(char* block, int type, size_t length, size_t room) {
  sds s = block + HeaderBytes(type);
  s[-1] = static_cast<char>(type);
  sdssetalloc(s, room);
  sdssetlen(s, length);
  s[length] = '\0';
  return s;
}

// Moves s to a block with exactly `room` and the type given.
sds Move(sds s, int type, size_t room) {
  const size_t length = sdslen(s);
  size_t bytes;
  if (!BlockBytes(type, room, &bytes)) return nullptr;
  if (type == TypeOf(s)) {
    char* block = static_cast<char*>(sds_realloc(Block(s), bytes));
    return block == nullptr ? nullptr : Dress(block, type, length, room);
  }
  // A header of another size: the bytes move within the block, which realloc cannot do.
  char* block = static_cast<char*>(sds_malloc(bytes));
  if (block == nullptr) return nullptr;
  std::memcpy(block + HeaderBytes(type), s, length);
  sds_free(Block(s));
  return Dress(block, type, length, room);
}

char* Lowered(char* p, size_t n, char from, char to, int shift) {
  for (size_t i = 0; i < n; ++i) {
    if (p[i] >= from && p[i] <= to) p[i] = static_cast<char>(p[i] + shift);
  }
  return p;
}

bool IsHexDigit(char c) { return c == '0' || hex_digit_to_int(c) != 0; }
bool IsSpace(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

// Adds a word to a vector that grows; false if memory is short (then `word` is freed).
bool AddWord(sds** words, int* count, int* room, sds word) {
  if (word == nullptr) return false;
  if (*count == *room) {
    const int larger = *room == 0 ? 8 : *room * 2;
    sds* grown = static_cast<sds*>(sds_realloc(*words, sizeof(sds) * static_cast<size_t>(larger)));
    if (grown == nullptr) {
      sdsfree(word);
      return false;
    }
    *words = grown;
    *room = larger;
  }
  (*words)[(*count)++] = word;
  return true;
}

// Appends or gives up: the old string is freed when the new one cannot be had.
sds AppendOrFree(sds s, const char* p, size_t n) {
  sds grown = sdscatlen(s, p, n);
  if (grown == nullptr) sdsfree(s);
  return grown;
}

// One word of a line, from *p to *end. Null on unbalanced quotes or lack of memory.
sds TakeWord(const char** p) {
  sds word = sdsempty();
  const auto put = [&word](char c) {
    word = AppendOrFree(word, &c, 1);
    return word != nullptr;
  };
  while (word != nullptr && **p != '\0' && !IsSpace(**p)) {
    const char quote = **p;
    if (quote != '"' && quote != '\'') {
      if (!put(*(*p)++)) return nullptr;
      continue;
    }
    for (++*p; **p != '\0' && **p != quote; ++*p) {
      char c = **p;
      if (quote == '\'' && c == '\\' && (*p)[1] == '\'') {
        c = *++*p;
      } else if (quote == '"' && c == '\\' && (*p)[1] == 'x' && IsHexDigit((*p)[2]) && IsHexDigit((*p)[3])) {
        c = static_cast<char>(hex_digit_to_int((*p)[2]) * 16 + hex_digit_to_int((*p)[3]));
        *p += 3;
      } else if (quote == '"' && c == '\\' && (*p)[1] != '\0') {
        c = *++*p;
        constexpr char kNames[] = "nrtba";
        constexpr char kBytes[] = "\n\r\t\b\a";
        if (const char* at = std::strchr(kNames, c); at != nullptr) c = kBytes[at - kNames];
      }
      if (!put(c)) return nullptr;
    }
    // The quote must be there and must end the word.
    if (**p == '\0' || ((*p)[1] != '\0' && !IsSpace((*p)[1]))) {
      sdsfree(word);
      return nullptr;
    }
    ++*p;
  }
  return word;
}

// Hands the parts of a sdscatfmt text to `put`, in order.
template <class Put>
void FormatWords(const char* fmt, va_list* ap, Put put) {
  for (const char* p = fmt; *p != '\0'; ++p) {
    if (*p != '%' || p[1] == '\0') {
      put(p, 1);
      continue;
    }
    char text[24];
    switch (*++p) {
      case 's': {
        const char* word = va_arg(*ap, char*);
        put(word, std::strlen(word));
        break;
      }
      case 'S': {
        const sds word = va_arg(*ap, sds);
        put(word, sdslen(word));
        break;
      }
      case 'i':
        put(text, static_cast<size_t>(sdsll2str(text, va_arg(*ap, int))));
        break;
      case 'I':
        put(text, static_cast<size_t>(sdsll2str(text, va_arg(*ap, int64_t))));
        break;
      case 'u':
        put(text, static_cast<size_t>(sdsull2str(text, va_arg(*ap, unsigned))));
        break;
      case 'U':
        put(text, static_cast<size_t>(sdsull2str(text, va_arg(*ap, uint64_t))));
        break;
      default:
        put(p, 1);
    }
  }
}

}  // namespace

extern "C" {

void* sds_malloc(size_t size) noexcept { return hi_malloc(size); }
void* sds_realloc(void* ptr, size_t size) noexcept { return hi_realloc(ptr, size); }
void sds_free(void* ptr) noexcept { hi_free(ptr); }

int hex_digit_to_int(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return 0;
}

int sdsll2str(char* s, long long value) noexcept {
  char* end = std::to_chars(s, s + 20, value).ptr;
  *end = '\0';
  return static_cast<int>(end - s);
}

int sdsull2str(char* s, unsigned long long v) noexcept {
  char* end = std::to_chars(s, s + 20, v).ptr;
  *end = '\0';
  return static_cast<int>(end - s);
}

sds sdsnewlen(const void* init, size_t initlen) noexcept {
  // An empty string is made to be appended to, which type 5 is bad at.
  const int type = initlen == 0 ? SDS_TYPE_8 : TypeFor(initlen);
  size_t bytes;
  if (!BlockBytes(type, initlen, &bytes)) return nullptr;
  char* block = static_cast<char*>(sds_malloc(bytes));
  if (block == nullptr) return nullptr;
  sds s = Dress(block, type, initlen, initlen);
  if (init != nullptr) {
    std::memcpy(s, init, initlen);
  } else {
    std::memset(s, 0, initlen);
  }
  return s;
}

sds sdsempty(void) noexcept { return sdsnewlen("", 0); }
sds sdsnew(const char* init) noexcept { return sdsnewlen(init, init == nullptr ? 0 : std::strlen(init)); }
sds sdsdup(const sds s) noexcept { return sdsnewlen(s, sdslen(s)); }

sds sdsfromlonglong(long long value) noexcept {
  char text[24];
  return sdsnewlen(text, static_cast<size_t>(sdsll2str(text, value)));
}

void sdsfree(sds s) noexcept {
  if (s != nullptr) sds_free(Block(s));
}

void sdsupdatelen(sds s) noexcept { sdssetlen(s, std::strlen(s)); }

void sdsclear(sds s) noexcept {
  sdssetlen(s, 0);
  s[0] = '\0';
}

sds sdsMakeRoomFor(sds s, size_t addlen) noexcept {
  if (sdsavail(s) >= addlen) return s;
  size_t room;
  if (__builtin_add_overflow(sdslen(s), addlen, &room)) return nullptr;
  // Twice as much as asked for, up to a limit, so that appending is linear.
  if (__builtin_add_overflow(room, std::min<size_t>(room, SDS_MAX_PREALLOC), &room)) return nullptr;
  const int type = TypeFor(room);
  return Move(s, type == SDS_TYPE_5 ? SDS_TYPE_8 : type, room);
}

sds sdsRemoveFreeSpace(sds s) noexcept {
  if (sdsavail(s) == 0) return s;
  const int type = TypeFor(sdslen(s));
  // A header that shrinks is worth a copy only for short strings.
  return Move(s, type <= SDS_TYPE_8 ? type : TypeOf(s), sdslen(s));
}

size_t sdsAllocSize(sds s) noexcept { return HeaderBytes(TypeOf(s)) + sdsalloc(s) + 1; }
void* sdsAllocPtr(sds s) noexcept { return Block(s); }

void sdsIncrLen(sds s, int incr) noexcept {
  assert(incr >= 0 ? sdsavail(s) >= static_cast<size_t>(incr) : sdslen(s) >= static_cast<size_t>(-(incr + 1)) + 1);
  const size_t length = static_cast<size_t>(static_cast<ssize_t>(sdslen(s)) + incr);
  sdssetlen(s, length);
  s[length] = '\0';
}

sds sdsgrowzero(sds s, size_t len) noexcept {
  const size_t length = sdslen(s);
  if (len <= length) return s;
  s = sdsMakeRoomFor(s, len - length);
  if (s == nullptr) return nullptr;
  std::memset(s + length, 0, len - length + 1);
  sdssetlen(s, len);
  return s;
}

sds sdscatlen(sds s, const void* t, size_t len) noexcept {
  const size_t length = sdslen(s);
  s = sdsMakeRoomFor(s, len);
  if (s == nullptr) return nullptr;
  if (len > 0) std::memcpy(s + length, t, len);
  sdssetlen(s, length + len);
  s[length + len] = '\0';
  return s;
}

sds sdscat(sds s, const char* t) noexcept { return sdscatlen(s, t, std::strlen(t)); }
sds sdscatsds(sds s, const sds t) noexcept { return sdscatlen(s, t, sdslen(t)); }

sds sdscpylen(sds s, const char* t, size_t len) noexcept {
  if (sdsalloc(s) < len) {
    s = sdsMakeRoomFor(s, len - sdslen(s));
    if (s == nullptr) return nullptr;
  }
  std::memmove(s, t, len);
  s[len] = '\0';
  sdssetlen(s, len);
  return s;
}

sds sdscpy(sds s, const char* t) noexcept { return sdscpylen(s, t, std::strlen(t)); }

sds sdscatvprintf(sds s, const char* fmt, va_list ap) noexcept {
  va_list copy;
  va_copy(copy, ap);
  const int size = std::vsnprintf(nullptr, 0, fmt, copy);
  va_end(copy);
  if (size < 0) return nullptr;
  const size_t length = sdslen(s);
  s = sdsMakeRoomFor(s, static_cast<size_t>(size));
  if (s == nullptr) return nullptr;
  va_copy(copy, ap);
  std::vsnprintf(s + length, static_cast<size_t>(size) + 1, fmt, copy);
  va_end(copy);
  sdssetlen(s, length + static_cast<size_t>(size));
  return s;
}

sds sdscatprintf(sds s, const char* fmt, ...) noexcept {
  va_list ap;
  va_start(ap, fmt);
  s = sdscatvprintf(s, fmt, ap);
  va_end(ap);
  return s;
}

sds sdscatfmt(sds s, char const* fmt, ...) noexcept {
  // Measured first: a string that moved before memory ran out could not be given back to the caller.
  va_list ap;
  va_start(ap, fmt);
  size_t size = 0;
  FormatWords(fmt, &ap, [&size](const char*, size_t n) { size += n; });
  va_end(ap);
  s = sdsMakeRoomFor(s, size);
  if (s == nullptr) return nullptr;
  va_start(ap, fmt);
  FormatWords(fmt, &ap, [s](const char* p, size_t n) { sdscatlen(s, p, n); });
  va_end(ap);
  return s;
}

sds sdscatrepr(sds s, const char* p, size_t len) noexcept {
  constexpr char kBytes[] = "\\\"\n\r\t\a\b";
  constexpr char kNames[] = "\\\"nrtab";
  constexpr char kHex[] = "0123456789abcdef";
  s = sdsMakeRoomFor(s, 4 * len + 2);
  if (s == nullptr) return nullptr;
  sdscatlen(s, "\"", 1);
  for (size_t i = 0; i < len; ++i) {
    const char* at = p[i] == '\0' ? nullptr : std::strchr(kBytes, p[i]);
    const unsigned char byte = static_cast<unsigned char>(p[i]);
    if (at != nullptr) {
      const char text[2] = {'\\', kNames[at - kBytes]};
      sdscatlen(s, text, 2);
    } else if (byte >= 0x20 && byte < 0x7f) {
      sdscatlen(s, p + i, 1);
    } else {
      const char text[4] = {'\\', 'x', kHex[byte >> 4], kHex[byte & 15]};
      sdscatlen(s, text, 4);
    }
  }
  return sdscatlen(s, "\"", 1);
}

sds sdstrim(sds s, const char* cset) noexcept {
  char* begin = s;
  char* end = s + sdslen(s);
  while (begin < end && std::strchr(cset, *begin) != nullptr) ++begin;
  while (end > begin && std::strchr(cset, end[-1]) != nullptr) --end;
  const size_t length = static_cast<size_t>(end - begin);
  std::memmove(s, begin, length);
  s[length] = '\0';
  sdssetlen(s, length);
  return s;
}

int sdsrange(sds s, ssize_t start, ssize_t end) noexcept {
  if (sdslen(s) > SSIZE_MAX) return -1;
  const ssize_t length = static_cast<ssize_t>(sdslen(s));
  if (length == 0) return 0;
  if (start < 0) start = std::max<ssize_t>(length + start, 0);
  if (end < 0) end = std::max<ssize_t>(length + end, 0);
  end = std::min(end, length - 1);
  const size_t kept = start > end || start >= length ? 0 : static_cast<size_t>(end - start) + 1;
  if (kept > 0 && start > 0) std::memmove(s, s + start, kept);
  s[kept] = '\0';
  sdssetlen(s, kept);
  return 0;
}

void sdstolower(sds s) noexcept { Lowered(s, sdslen(s), 'A', 'Z', 'a' - 'A'); }
void sdstoupper(sds s) noexcept { Lowered(s, sdslen(s), 'a', 'z', 'A' - 'a'); }

int sdscmp(const sds s1, const sds s2) noexcept {
  const size_t n1 = sdslen(s1), n2 = sdslen(s2);
  const int order = std::memcmp(s1, s2, std::min(n1, n2));
  if (order != 0) return order;
  return n1 == n2 ? 0 : n1 < n2 ? -1 : 1;
}

sds sdsmapchars(sds s, const char* from, const char* to, size_t setlen) noexcept {
  for (size_t i = 0; i < sdslen(s); ++i) {
    if (const void* at = std::memchr(from, s[i], setlen); at != nullptr) {
      s[i] = to[static_cast<const char*>(at) - from];
    }
  }
  return s;
}

sds* sdssplitlen(const char* s, int len, const char* sep, int seplen, int* count) noexcept {
  *count = 0;
  if (seplen < 1 || len < 0) return nullptr;
  int room = 8;
  sds* words = static_cast<sds*>(sds_malloc(sizeof(sds) * static_cast<size_t>(room)));
  if (words == nullptr || len == 0) return words;
  int start = 0;
  for (int i = 0; i <= len; ++i) {
    const bool found = i + seplen <= len && std::memcmp(s + i, sep, static_cast<size_t>(seplen)) == 0;
    if (!found && i < len) continue;
    if (!AddWord(&words, count, &room, sdsnewlen(s + start, static_cast<size_t>(i - start)))) {
      sdsfreesplitres(words, *count);
      *count = 0;
      return nullptr;
    }
    start = i + seplen;
    if (found) i = start - 1;
  }
  return words;
}

void sdsfreesplitres(sds* tokens, int count) noexcept {
  if (tokens == nullptr) return;
  while (count-- > 0) sdsfree(tokens[count]);
  sds_free(tokens);
}

sds* sdssplitargs(const char* line, int* argc) noexcept {
  int room = 8;
  *argc = 0;
  sds* words = static_cast<sds*>(sds_malloc(sizeof(sds) * static_cast<size_t>(room)));
  if (words == nullptr) return nullptr;
  while (true) {
    while (IsSpace(*line)) ++line;
    if (*line == '\0') return words;
    if (!AddWord(&words, argc, &room, TakeWord(&line))) {
      sdsfreesplitres(words, *argc);
      *argc = 0;
      return nullptr;
    }
  }
}

sds sdsjoin(char** argv, int argc, char* sep) noexcept {
  sds joined = sdsempty();
  for (int i = 0; i < argc && joined != nullptr; ++i) {
    joined = AppendOrFree(joined, argv[i], std::strlen(argv[i]));
    if (joined != nullptr && i != argc - 1) joined = AppendOrFree(joined, sep, std::strlen(sep));
  }
  return joined;
}

sds sdsjoinsds(sds* argv, int argc, const char* sep, size_t seplen) noexcept {
  sds joined = sdsempty();
  for (int i = 0; i < argc && joined != nullptr; ++i) {
    joined = AppendOrFree(joined, argv[i], sdslen(argv[i]));
    if (joined != nullptr && i != argc - 1) joined = AppendOrFree(joined, sep, seplen);
  }
  return joined;
}

}  // extern "C"
