/* The reply reader of the hiredis ABI: bytes in, reply objects out. What an object is, is up to a table of functions. */
#ifndef __HIREDIS_READ_H
#define __HIREDIS_READ_H

#include <stdio.h> /* for programs that rely on it */

#include "alloc.h"

#define REDIS_ERR -1
#define REDIS_OK 0

/* The kinds of redisContext.err and redisReader.err; errstr has the words. */
#define REDIS_ERR_IO 1       /* errno tells more */
#define REDIS_ERR_EOF 3      /* the server closed the connection */
#define REDIS_ERR_PROTOCOL 4 /* not RESP */
#define REDIS_ERR_OOM 5      /* out of memory */
#define REDIS_ERR_TIMEOUT 6  /* an asynchronous context waited too long */
#define REDIS_ERR_OTHER 2

#define REDIS_REPLY_STRING 1
#define REDIS_REPLY_ARRAY 2
#define REDIS_REPLY_INTEGER 3
#define REDIS_REPLY_NIL 4
#define REDIS_REPLY_STATUS 5
#define REDIS_REPLY_ERROR 6
#define REDIS_REPLY_DOUBLE 7
#define REDIS_REPLY_BOOL 8
#define REDIS_REPLY_MAP 9
#define REDIS_REPLY_SET 10
#define REDIS_REPLY_ATTR 11
#define REDIS_REPLY_PUSH 12
#define REDIS_REPLY_BIGNUM 13
#define REDIS_REPLY_VERB 14

#define REDIS_READER_MAX_BUF (1024 * 16)                   /* an idle buffer with more room is given back */
#define REDIS_READER_MAX_ARRAY_ELEMENTS ((1LL << 32) - 1)  /* of one aggregate */
#define REDIS_READER_MAX_REPLY_DEPTH 1024                  /* open aggregates */

#ifdef __cplusplus
extern "C" {
#endif

/* Where in a reply an object belongs; the reply functions get one. */
typedef struct redisReadTask {
  int type;                     /* REDIS_REPLY_... */
  long long elements;           /* of an aggregate */
  int idx;                      /* place in the parent */
  void *obj;                    /* made for this task */
  struct redisReadTask *parent; /* null: the outermost object */
  void *privdata;               /* the reader's */
} redisReadTask;

/* Each returns the new object, having put it into task->parent->obj at task->idx if there is a parent; null: out of
 * memory. Strings are views into the reader's buffer. */
typedef struct redisReplyObjectFunctions {
  void *(*createString)(const redisReadTask *, char *, size_t);
  void *(*createArray)(const redisReadTask *, size_t);
  void *(*createInteger)(const redisReadTask *, long long);
  void *(*createDouble)(const redisReadTask *, double, char *, size_t);
  void *(*createNil)(const redisReadTask *);
  void *(*createBool)(const redisReadTask *, int);
  void (*freeObject)(void *);
} redisReplyObjectFunctions;

typedef struct redisReader {
  int err;
  char errstr[128];

  char *buf;             /* an sds */
  size_t pos;            /* bytes of it that are read */
  size_t len;            /* bytes in it */
  size_t maxbuf;         /* room that an idle buffer may keep; 0: any */
  long long maxelements; /* of one aggregate; 0: any */

  redisReadTask **task; /* the open aggregates and the value at hand */
  int tasks;            /* room */
  int ridx;             /* the value at hand; -1: between replies */
  void *reply;          /* the outermost object of the reply at hand */

  redisReplyObjectFunctions *fn; /* null: replies are their type's number */
  void *privdata;
  int maxdepth; /* open aggregates; 0: any */
} redisReader;

redisReader *redisReaderCreateWithFunctions(redisReplyObjectFunctions *fn) HIREDIS_NOEXCEPT;
void redisReaderFree(redisReader *r) HIREDIS_NOEXCEPT;
int redisReaderFeed(redisReader *r, const char *buf, size_t len) HIREDIS_NOEXCEPT;
/* REDIS_OK and a reply, or null if more bytes are needed. After REDIS_ERR the reader is of no more use. */
int redisReaderGetReply(redisReader *r, void **reply) HIREDIS_NOEXCEPT;

#define redisReaderSetPrivdata(_r, _p) (int)(((redisReader *)(_r))->privdata = (_p))
#define redisReaderGetObject(_r) (((redisReader *)(_r))->reply)
#define redisReaderGetError(_r) (((redisReader *)(_r))->errstr)

#ifdef __cplusplus
}
#endif

#endif /* __HIREDIS_READ_H */
