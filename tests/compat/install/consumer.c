/* A program of somebody else's: compiled as C99 and as C++17, over either spelling of the header. */
#ifdef BARE_NAMES
#include <async.h>
#include <hiredis.h>
#include <hiredis_ssl.h>
#else
#include <hiredis/async.h>
#include <hiredis/hiredis.h>
#include <hiredis/hiredis_ssl.h>
#endif
#include <hiredis/adapters/poll.h>
#include <hiredis/dualis.h>
#include <stdio.h>
#include <string.h>

static void on_reply(redisAsyncContext *ac, void *reply, void *privdata) {
  (void)ac;
  *(int *)privdata = reply != NULL && strcmp(((redisReply *)reply)->str, "hello") == 0;
}

int main(void) {
  int heard = 0, i;
  redisReply *reply;
  redisAsyncContext *ac;
  redisContext *c = redisConnect("mem://consumer", 6379);
  if (c == NULL || c->err) return 1;
#ifdef WITH_TLS
  {
    redisSSLContext *tls = redisCreateSSLContext(NULL, NULL, NULL, NULL, NULL, NULL);
    if (tls == NULL || redisInitiateSSLWithContext(c, tls) != REDIS_OK) return 2;
    redisFreeSSLContext(tls);
  }
#endif
  if (!dualisHiredisIsEmbedded(c)) return 3;
  reply = (redisReply *)redisCommand(c, "SET %s %s", "greeting", "hello");
  if (reply == NULL || reply->type != REDIS_REPLY_STATUS) return 4;
  freeReplyObject(reply);
  ac = redisAsyncConnectUnix("mem://consumer");
  if (ac == NULL || redisPollAttach(ac) != REDIS_OK) return 5;
  redisAsyncCommand(ac, on_reply, &heard, "GET greeting");
  for (i = 0; i < 10 && !heard; ++i) redisPollTick(ac, 1);
  redisAsyncFree(ac);
  redisFree(c);
  if (!heard) return 6;
  puts("good");
  return 0;
}
