/* SDS 2.0 strings as the hiredis ABI has them: a char pointer to the bytes, which are followed by a zero, with a packed
 * header in front whose size the byte before the string tells.
 *
 *   type 5     | flags |                         length in the upper five bits of flags, no room to grow
 *   8..64      | len | alloc | flags |           alloc: bytes of room, without header and zero
 *
 * A function that may move a string takes it and returns it; on a null return the old one is still valid. */
#ifndef __SDS_H
#define __SDS_H

#include <stdarg.h>
#include <stdint.h>
#include <sys/types.h>

#include "alloc.h"

#define SDS_MAX_PREALLOC (1024 * 1024)

#ifdef __cplusplus
extern "C" {
#endif

typedef char *sds;

struct __attribute__((__packed__)) sdshdr5 {
  unsigned char flags;
  __extension__ char buf[];
};
struct __attribute__((__packed__)) sdshdr8 {
  uint8_t len;
  uint8_t alloc;
  unsigned char flags;
  __extension__ char buf[];
};
struct __attribute__((__packed__)) sdshdr16 {
  uint16_t len;
  uint16_t alloc;
  unsigned char flags;
  __extension__ char buf[];
};
struct __attribute__((__packed__)) sdshdr32 {
  uint32_t len;
  uint32_t alloc;
  unsigned char flags;
  __extension__ char buf[];
};
struct __attribute__((__packed__)) sdshdr64 {
  uint64_t len;
  uint64_t alloc;
  unsigned char flags;
  __extension__ char buf[];
};

#define SDS_TYPE_5 0
#define SDS_TYPE_8 1
#define SDS_TYPE_16 2
#define SDS_TYPE_32 3
#define SDS_TYPE_64 4
#define SDS_TYPE_MASK 7
#define SDS_TYPE_BITS 3
#define SDS_HDR(T, s) ((struct sdshdr##T *)((s) - (sizeof(struct sdshdr##T))))
#define SDS_HDR_VAR(T, s) struct sdshdr##T *sh = SDS_HDR(T, s);
#define SDS_TYPE_5_LEN(f) ((f) >> SDS_TYPE_BITS)

static inline size_t sdslen(const sds s) {
  const unsigned char flags = (unsigned char)s[-1];
  switch (flags & SDS_TYPE_MASK) {
    case SDS_TYPE_5:
      return SDS_TYPE_5_LEN(flags);
    case SDS_TYPE_8:
      return SDS_HDR(8, s)->len;
    case SDS_TYPE_16:
      return SDS_HDR(16, s)->len;
    case SDS_TYPE_32:
      return SDS_HDR(32, s)->len;
    case SDS_TYPE_64:
      return SDS_HDR(64, s)->len;
  }
  return 0;
}

static inline size_t sdsalloc(const sds s) {
  const unsigned char flags = (unsigned char)s[-1];
  switch (flags & SDS_TYPE_MASK) {
    case SDS_TYPE_5:
      return SDS_TYPE_5_LEN(flags);
    case SDS_TYPE_8:
      return SDS_HDR(8, s)->alloc;
    case SDS_TYPE_16:
      return SDS_HDR(16, s)->alloc;
    case SDS_TYPE_32:
      return SDS_HDR(32, s)->alloc;
    case SDS_TYPE_64:
      return SDS_HDR(64, s)->alloc;
  }
  return 0;
}

static inline size_t sdsavail(const sds s) { return sdsalloc(s) - sdslen(s); }

static inline void sdssetlen(sds s, size_t newlen) {
  switch ((unsigned char)s[-1] & SDS_TYPE_MASK) {
    case SDS_TYPE_5:
      s[-1] = (char)(SDS_TYPE_5 | (unsigned char)(newlen << SDS_TYPE_BITS));
      break;
    case SDS_TYPE_8:
      SDS_HDR(8, s)->len = (uint8_t)newlen;
      break;
    case SDS_TYPE_16:
      SDS_HDR(16, s)->len = (uint16_t)newlen;
      break;
    case SDS_TYPE_32:
      SDS_HDR(32, s)->len = (uint32_t)newlen;
      break;
    case SDS_TYPE_64:
      SDS_HDR(64, s)->len = (uint64_t)newlen;
      break;
  }
}

static inline void sdsinclen(sds s, size_t inc) { sdssetlen(s, sdslen(s) + inc); }

static inline void sdssetalloc(sds s, size_t newlen) {
  switch ((unsigned char)s[-1] & SDS_TYPE_MASK) {
    case SDS_TYPE_8:
      SDS_HDR(8, s)->alloc = (uint8_t)newlen;
      break;
    case SDS_TYPE_16:
      SDS_HDR(16, s)->alloc = (uint16_t)newlen;
      break;
    case SDS_TYPE_32:
      SDS_HDR(32, s)->alloc = (uint32_t)newlen;
      break;
    case SDS_TYPE_64:
      SDS_HDR(64, s)->alloc = (uint64_t)newlen;
      break;
  }
}

/* Making. `init` may be null: then the bytes are zeros. */
sds sdsnewlen(const void *init, size_t initlen) HIREDIS_NOEXCEPT;
sds sdsnew(const char *init) HIREDIS_NOEXCEPT;
sds sdsempty(void) HIREDIS_NOEXCEPT;
sds sdsdup(const sds s) HIREDIS_NOEXCEPT;
sds sdsfromlonglong(long long value) HIREDIS_NOEXCEPT;
void sdsfree(sds s) HIREDIS_NOEXCEPT;

/* Appending and replacing. */
sds sdsgrowzero(sds s, size_t len) HIREDIS_NOEXCEPT;
sds sdscatlen(sds s, const void *t, size_t len) HIREDIS_NOEXCEPT;
sds sdscat(sds s, const char *t) HIREDIS_NOEXCEPT;
sds sdscatsds(sds s, const sds t) HIREDIS_NOEXCEPT;
sds sdscpylen(sds s, const char *t, size_t len) HIREDIS_NOEXCEPT;
sds sdscpy(sds s, const char *t) HIREDIS_NOEXCEPT;
sds sdscatvprintf(sds s, const char *fmt, va_list ap) HIREDIS_NOEXCEPT;
#ifdef __GNUC__
sds sdscatprintf(sds s, const char *fmt, ...) HIREDIS_NOEXCEPT __attribute__((format(printf, 2, 3)));
#else
sds sdscatprintf(sds s, const char *fmt, ...) HIREDIS_NOEXCEPT;
#endif
/* %s and %S (an sds), %i %I (int, int64_t), %u %U (unsigned), %%; anything else stands for itself. */
sds sdscatfmt(sds s, char const *fmt, ...) HIREDIS_NOEXCEPT;
/* Appends p as a C string literal, quotes included. */
sds sdscatrepr(sds s, const char *p, size_t len) HIREDIS_NOEXCEPT;

/* Changing in place. */
sds sdstrim(sds s, const char *cset) HIREDIS_NOEXCEPT;
/* Keeps start..end, both included; negative counts from the end. -1 if the string is too long for these types. */
int sdsrange(sds s, ssize_t start, ssize_t end) HIREDIS_NOEXCEPT;
void sdsupdatelen(sds s) HIREDIS_NOEXCEPT;
void sdsclear(sds s) HIREDIS_NOEXCEPT;
int sdscmp(const sds s1, const sds s2) HIREDIS_NOEXCEPT;
void sdstolower(sds s) HIREDIS_NOEXCEPT;
void sdstoupper(sds s) HIREDIS_NOEXCEPT;
sds sdsmapchars(sds s, const char *from, const char *to, size_t setlen) HIREDIS_NOEXCEPT;

/* Splitting and joining. Results are freed by sdsfreesplitres. */
sds *sdssplitlen(const char *s, int len, const char *sep, int seplen, int *count) HIREDIS_NOEXCEPT;
void sdsfreesplitres(sds *tokens, int count) HIREDIS_NOEXCEPT;
/* A line of words as redis-cli reads it; null if quotes are not balanced. */
sds *sdssplitargs(const char *line, int *argc) HIREDIS_NOEXCEPT;
sds sdsjoin(char **argv, int argc, char *sep) HIREDIS_NOEXCEPT;
sds sdsjoinsds(sds *argv, int argc, const char *sep, size_t seplen) HIREDIS_NOEXCEPT;

/* Room. sdsIncrLen takes up room that the caller has written into (or gives some back). */
sds sdsMakeRoomFor(sds s, size_t addlen) HIREDIS_NOEXCEPT;
void sdsIncrLen(sds s, int incr) HIREDIS_NOEXCEPT;
sds sdsRemoveFreeSpace(sds s) HIREDIS_NOEXCEPT;
size_t sdsAllocSize(sds s) HIREDIS_NOEXCEPT;
void *sdsAllocPtr(sds s) HIREDIS_NOEXCEPT;

/* The allocator that sds strings use, for programs linked with another one. */
void *sds_malloc(size_t size) HIREDIS_NOEXCEPT;
void *sds_realloc(void *ptr, size_t size) HIREDIS_NOEXCEPT;
void sds_free(void *ptr) HIREDIS_NOEXCEPT;

#ifdef __cplusplus
}
#endif

#endif /* __SDS_H */
