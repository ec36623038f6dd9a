/* The allocator of the hiredis ABI: a table of functions that every allocation of the library goes through, and inline
 * functions that call through it. Setting allocators is not thread-safe: do it before anything is allocated. */
#ifndef HIREDIS_ALLOC_H
#define HIREDIS_ALLOC_H

#include <stddef.h>
#include <stdint.h>

/* Our own sources compile these declarations as noexcept; to programs it means nothing. */
#ifndef HIREDIS_NOEXCEPT
#define HIREDIS_NOEXCEPT
#endif

#ifdef __cplusplus
extern "C" {
#endif

typedef struct hiredisAllocFuncs {
  void *(*mallocFn)(size_t);
  void *(*callocFn)(size_t, size_t);
  void *(*reallocFn)(void *, size_t);
  char *(*strdupFn)(const char *);
  void (*freeFn)(void *);
} hiredisAllocFuncs;

/* Copies the table; the one that was in force is returned. */
hiredisAllocFuncs hiredisSetAllocators(hiredisAllocFuncs *ha) HIREDIS_NOEXCEPT;
/* Back to malloc and its kin. */
void hiredisResetAllocators(void) HIREDIS_NOEXCEPT;

extern hiredisAllocFuncs hiredisAllocFns;

static inline void *hi_malloc(size_t size) { return hiredisAllocFns.mallocFn(size); }

static inline void *hi_calloc(size_t nmemb, size_t size) {
  /* An allocator of the program need not check this product. */
  if (size != 0 && nmemb > SIZE_MAX / size) return NULL;
  return hiredisAllocFns.callocFn(nmemb, size);
}

static inline void *hi_realloc(void *ptr, size_t size) { return hiredisAllocFns.reallocFn(ptr, size); }

static inline char *hi_strdup(const char *str) { return hiredisAllocFns.strdupFn(str); }

static inline void hi_free(void *ptr) { hiredisAllocFns.freeFn(ptr); }

#ifdef __cplusplus
}
#endif

#endif /* HIREDIS_ALLOC_H */
