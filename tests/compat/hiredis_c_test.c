/* The headers and a few calls as a C99 program uses them. Called by the C++ tests. */
#include <hiredis/async.h>
#include <hiredis/dualis.h>
#include <hiredis/hiredis.h>
#include <string.h>

int hiredis_c_program(const char *host);

/* 0, or the number of the step that failed. */
int hiredis_c_program(const char *host) {
  redisContext *c = redisConnect(host, 6379);
  redisReply *reply;
  int ok;
  if (c == NULL || c->err) return 1;
  reply = redisCommand(c, "SET %s %s", "greeting", "hello");
  ok = reply != NULL && reply->type == REDIS_REPLY_STATUS && strcmp(reply->str, "OK") == 0;
  freeReplyObject(reply);
  if (!ok) return 2;
  reply = redisCommand(c, "GET greeting");
  ok = reply != NULL && reply->len == 5 && memcmp(reply->str, "hello", 5) == 0;
  freeReplyObject(reply);
  redisFree(c);
  return ok ? 0 : 3;
}
