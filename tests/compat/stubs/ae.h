#ifndef STUB_AE_H
#define STUB_AE_H

#define AE_READABLE 1
#define AE_WRITABLE 2
#define AE_NOMORE -1
#define AE_DELETED_EVENT_ID -1

#ifdef __cplusplus
extern "C" {
#endif
typedef struct aeEventLoop aeEventLoop;
typedef void aeFileProc(struct aeEventLoop* loop, int fd, void* data, int mask);
typedef int aeTimeProc(struct aeEventLoop* loop, long long id, void* data);
typedef void aeEventFinalizerProc(struct aeEventLoop* loop, void* data);
int aeCreateFileEvent(aeEventLoop* loop, int fd, int mask, aeFileProc* proc, void* data);
void aeDeleteFileEvent(aeEventLoop* loop, int fd, int mask);
long long aeCreateTimeEvent(aeEventLoop* loop, long long ms, aeTimeProc* proc, void* data, aeEventFinalizerProc* end);
int aeDeleteTimeEvent(aeEventLoop* loop, long long id);
#ifdef __cplusplus
}
#endif

#endif
