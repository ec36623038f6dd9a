#ifndef STUB_HLOOP_H
#define STUB_HLOOP_H

#include <stdint.h>

#define HV_READ 1
#define HV_WRITE 4

#ifdef __cplusplus
extern "C" {
#endif
/* libhv's events begin alike, and macros reach into that beginning. */
struct stub_hevent {
  struct hloop_s* loop;
  void* userdata;
};
typedef struct hloop_s hloop_t;
typedef struct hio_s {
  struct stub_hevent begin;
} hio_t;
typedef struct htimer_s {
  struct stub_hevent begin;
} htimer_t;
#define hevent_loop(e) (((struct stub_hevent*)(e))->loop)
#define hevent_userdata(e) (((struct stub_hevent*)(e))->userdata)
#define hevent_set_userdata(e, data) hevent_userdata(e) = (void*)(data)
typedef void (*hio_cb)(hio_t* io);
typedef void (*htimer_cb)(htimer_t* timer);
hio_t* hio_get(hloop_t* loop, int fd);
int hio_add(hio_t* io, hio_cb cb, int events);
int hio_del(hio_t* io, int events);
int hio_revents(hio_t* io);
htimer_t* htimer_add(hloop_t* loop, htimer_cb cb, uint32_t timeout_ms, uint32_t repeat);
void htimer_del(htimer_t* timer);
#ifdef __cplusplus
}
#endif

#endif
