/* systemd's sd-event: redisLibsdeventAttach(ac, event), then sd_event_loop(event). */
#ifndef HIREDIS_LIBSDEVENT_H
#define HIREDIS_LIBSDEVENT_H

#include <stdint.h>
#include <sys/epoll.h>
#include <systemd/sd-event.h>
#include <time.h>

#include "../async.h"
#include "../hiredis.h"

typedef struct redisLibsdeventEvents {
  redisAsyncContext* context;
  sd_event* event;
  sd_event_source *io, *timer; /* timer: null until it is first wanted */
  uint32_t watched;            /* EPOLLIN, EPOLLOUT */
  char in_handler;             /* freeing waits until it returns */
  char deleted;
} redisLibsdeventEvents;

static inline int redisLibsdeventOnIo(sd_event_source* source, int fd, uint32_t ready, void* data) {
  redisLibsdeventEvents* e = (redisLibsdeventEvents*)data;
  const uint32_t error = EPOLLERR | EPOLLHUP;
  (void)source;
  (void)fd;
  e->in_handler = 1;
  if ((e->watched & EPOLLIN) && (ready & (EPOLLIN | error))) redisAsyncHandleRead(e->context);
  if (!e->deleted && (e->watched & EPOLLOUT) && (ready & (EPOLLOUT | error))) redisAsyncHandleWrite(e->context);
  e->in_handler = 0;
  if (e->deleted) hi_free(e);
  return 0;
}

static inline int redisLibsdeventOnTimer(sd_event_source* source, uint64_t usec, void* data) {
  (void)source;
  (void)usec;
  /* May free the context and e with it. */
  redisAsyncHandleTimeout(((redisLibsdeventEvents*)data)->context);
  return 0;
}

static inline void redisLibsdeventWatch(redisLibsdeventEvents* e, uint32_t watched) {
  if (e->watched == watched) return;
  e->watched = watched;
  sd_event_source_set_io_events(e->io, watched);
}

static inline void redisLibsdeventAddRead(void* data) {
  redisLibsdeventEvents* e = (redisLibsdeventEvents*)data;
  redisLibsdeventWatch(e, e->watched | EPOLLIN);
}
static inline void redisLibsdeventDelRead(void* data) {
  redisLibsdeventEvents* e = (redisLibsdeventEvents*)data;
  redisLibsdeventWatch(e, e->watched & ~(uint32_t)EPOLLIN);
}
static inline void redisLibsdeventAddWrite(void* data) {
  redisLibsdeventEvents* e = (redisLibsdeventEvents*)data;
  redisLibsdeventWatch(e, e->watched | EPOLLOUT);
}
static inline void redisLibsdeventDelWrite(void* data) {
  redisLibsdeventEvents* e = (redisLibsdeventEvents*)data;
  redisLibsdeventWatch(e, e->watched & ~(uint32_t)EPOLLOUT);
}

static inline void redisLibsdeventScheduleTimer(void* data, struct timeval tv) {
  redisLibsdeventEvents* e = (redisLibsdeventEvents*)data;
  struct timespec now;
  uint64_t at;
  clock_gettime(CLOCK_MONOTONIC, &now);
  at = ((uint64_t)now.tv_sec + (uint64_t)tv.tv_sec) * 1000000 + (uint64_t)now.tv_nsec / 1000 + (uint64_t)tv.tv_usec;
  if (e->timer == NULL) {
    sd_event_add_time(e->event, &e->timer, CLOCK_MONOTONIC, at, 1, redisLibsdeventOnTimer, e);
  } else {
    sd_event_source_set_time(e->timer, at);
    sd_event_source_set_enabled(e->timer, SD_EVENT_ONESHOT);
  }
}

static inline void redisLibsdeventDropSource(sd_event_source* source) {
  if (source == NULL) return;
  sd_event_source_set_enabled(source, SD_EVENT_OFF);
  sd_event_source_unref(source);
}

static inline void redisLibsdeventCleanup(void* data) {
  redisLibsdeventEvents* e = (redisLibsdeventEvents*)data;
  redisLibsdeventDropSource(e->timer);
  redisLibsdeventDropSource(e->io);
  sd_event_unref(e->event);
  e->context->ev.data = NULL;
  if (e->in_handler) {
    e->deleted = 1;
  } else {
    hi_free(e);
  }
}

/* REDIS_ERR if the context has an event loop already, or the loop does not take it. */
static inline int redisLibsdeventAttach(redisAsyncContext* ac, sd_event* event) {
  redisLibsdeventEvents* e;
  if (ac->ev.data != NULL) return REDIS_ERR;
  e = (redisLibsdeventEvents*)hi_calloc(1, sizeof(*e));
  if (e == NULL) return REDIS_ERR;
  e->context = ac;
  if (sd_event_add_io(event, &e->io, ac->c.fd, 0, redisLibsdeventOnIo, e) < 0) {
    hi_free(e);
    return REDIS_ERR;
  }
  e->event = sd_event_ref(event);
  ac->ev.addRead = redisLibsdeventAddRead;
  ac->ev.delRead = redisLibsdeventDelRead;
  ac->ev.addWrite = redisLibsdeventAddWrite;
  ac->ev.delWrite = redisLibsdeventDelWrite;
  ac->ev.cleanup = redisLibsdeventCleanup;
  ac->ev.scheduleTimer = redisLibsdeventScheduleTimer;
  ac->ev.data = e;
  return REDIS_OK;
}

#endif /* HIREDIS_LIBSDEVENT_H */
