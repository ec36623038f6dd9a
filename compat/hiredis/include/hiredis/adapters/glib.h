/* GLib: a source for a main loop.
 *
 *   GSource *source = redis_source_new(ac);
 *   g_source_attach(source, context);
 *   g_source_unref(source);              // the main loop holds it; g_source_destroy takes it out
 *
 * When the redis context goes, the source falls silent; when the source goes first, the context is left without a
 * loop. */
#ifndef __HIREDIS_GLIB_H__
#define __HIREDIS_GLIB_H__

#include <glib.h>

#include "../async.h"
#include "../hiredis.h"

typedef struct {
  GSource source; /* first: GLib allocates and knows it */
  redisAsyncContext* ac;
  GPollFD poll_fd;
  gint64 deadline; /* in g_source_get_time's microseconds; 0: no timer */
} RedisSource;

static inline void redis_source_add_read(gpointer data) { ((RedisSource*)data)->poll_fd.events |= G_IO_IN; }
static inline void redis_source_del_read(gpointer data) {
  RedisSource* s = (RedisSource*)data;
  s->poll_fd.events = (gushort)(s->poll_fd.events & ~G_IO_IN);
}
static inline void redis_source_add_write(gpointer data) { ((RedisSource*)data)->poll_fd.events |= G_IO_OUT; }
static inline void redis_source_del_write(gpointer data) {
  RedisSource* s = (RedisSource*)data;
  s->poll_fd.events = (gushort)(s->poll_fd.events & ~G_IO_OUT);
}

static inline void redis_source_schedule_timer(gpointer data, struct timeval tv) {
  RedisSource* s = (RedisSource*)data;
  s->deadline = g_get_monotonic_time() + (gint64)tv.tv_sec * G_USEC_PER_SEC + tv.tv_usec;
}

static inline void redis_source_cleanup(gpointer data) {
  RedisSource* s = (RedisSource*)data;
  s->ac->ev.data = NULL;
  s->ac = NULL;
  if (!g_source_is_destroyed(&s->source)) g_source_remove_poll(&s->source, &s->poll_fd);
}

static inline gboolean redis_source_due(const RedisSource* s) {
  return s->deadline != 0 && g_get_monotonic_time() >= s->deadline;
}

static inline gboolean redis_source_prepare(GSource* source, gint* timeout_ms) {
  RedisSource* s = (RedisSource*)source;
  *timeout_ms = -1;
  if (s->ac == NULL) return FALSE;
  if (s->deadline != 0) {
    const gint64 left = s->deadline - g_get_monotonic_time();
    *timeout_ms = left <= 0 ? 0 : left > G_MAXINT * (gint64)1000 ? G_MAXINT : (gint)((left + 999) / 1000);
  }
  return redis_source_due(s);
}

static inline gboolean redis_source_check(GSource* source) {
  RedisSource* s = (RedisSource*)source;
  return s->ac != NULL &&
         ((s->poll_fd.revents & (s->poll_fd.events | G_IO_ERR | G_IO_HUP)) != 0 || redis_source_due(s));
}

static inline gboolean redis_source_dispatch(GSource* source, GSourceFunc callback, gpointer user_data) {
  RedisSource* s = (RedisSource*)source;
  const gushort error = G_IO_ERR | G_IO_HUP;
  const gushort ready = s->poll_fd.revents;
  s->poll_fd.revents = 0;
  /* A handler may free the context; GLib holds the source meanwhile. */
  if (s->ac != NULL && (s->poll_fd.events & G_IO_IN) && (ready & (G_IO_IN | error))) redisAsyncHandleRead(s->ac);
  if (s->ac != NULL && (s->poll_fd.events & G_IO_OUT) && (ready & (G_IO_OUT | error))) redisAsyncHandleWrite(s->ac);
  if (s->ac != NULL && redis_source_due(s)) {
    s->deadline = 0;
    redisAsyncHandleTimeout(s->ac);
  }
  if (callback != NULL) return callback(user_data);
  return TRUE;
}

static inline void redis_source_finalize(GSource* source) {
  RedisSource* s = (RedisSource*)source;
  if (s->ac == NULL) return;
  s->ac->ev.addRead = s->ac->ev.delRead = s->ac->ev.addWrite = s->ac->ev.delWrite = s->ac->ev.cleanup = NULL;
  s->ac->ev.scheduleTimer = NULL;
  s->ac->ev.data = NULL;
}

/* Null if the context has an event loop already. */
static inline GSource* redis_source_new(redisAsyncContext* ac) {
  static GSourceFuncs funcs = {
      redis_source_prepare, redis_source_check, redis_source_dispatch, redis_source_finalize, NULL, NULL,
  };
  RedisSource* s;
  g_return_val_if_fail(ac != NULL, NULL);
  if (ac->ev.data != NULL) return NULL;
  s = (RedisSource*)g_source_new(&funcs, sizeof(RedisSource));
  s->ac = ac;
  s->deadline = 0;
  s->poll_fd.fd = ac->c.fd;
  s->poll_fd.events = 0;
  s->poll_fd.revents = 0;
  g_source_add_poll(&s->source, &s->poll_fd);
  ac->ev.addRead = redis_source_add_read;
  ac->ev.delRead = redis_source_del_read;
  ac->ev.addWrite = redis_source_add_write;
  ac->ev.delWrite = redis_source_del_write;
  ac->ev.cleanup = redis_source_cleanup;
  ac->ev.scheduleTimer = redis_source_schedule_timer;
  ac->ev.data = s;
  return &s->source;
}

#endif /* __HIREDIS_GLIB_H__ */
