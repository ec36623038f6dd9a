#ifndef STUB_COREFOUNDATION_H
#define STUB_COREFOUNDATION_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif
typedef long CFIndex;
typedef unsigned long CFOptionFlags;
typedef double CFTimeInterval;
typedef double CFAbsoluteTime;
typedef const void* CFTypeRef;
typedef const struct stub_CFAllocator* CFAllocatorRef;
typedef const struct stub_CFData* CFDataRef;
typedef const struct stub_CFString* CFStringRef;
typedef struct stub_CFSocket* CFSocketRef;
typedef struct stub_CFRunLoop* CFRunLoopRef;
typedef struct stub_CFRunLoopSource* CFRunLoopSourceRef;
typedef struct stub_CFRunLoopTimer* CFRunLoopTimerRef;
typedef int CFSocketNativeHandle;
typedef CFOptionFlags CFSocketCallBackType;
enum { kCFSocketReadCallBack = 1, kCFSocketWriteCallBack = 8 };
enum { kCFSocketAutomaticallyReenableReadCallBack = 1, kCFSocketCloseOnInvalidate = 128 };
typedef struct {
  CFIndex version;
  void* info;
  const void* (*retain)(const void* info);
  void (*release)(const void* info);
  CFStringRef (*copyDescription)(const void* info);
} CFSocketContext;
typedef CFSocketContext CFRunLoopTimerContext;
typedef void (*CFSocketCallBack)(CFSocketRef socket, CFSocketCallBackType type, CFDataRef address, const void* data,
                                 void* info);
typedef void (*CFRunLoopTimerCallBack)(CFRunLoopTimerRef timer, void* info);
extern const CFStringRef kCFRunLoopDefaultMode;
void CFRelease(CFTypeRef object);
CFAbsoluteTime CFAbsoluteTimeGetCurrent(void);
CFSocketRef CFSocketCreateWithNative(CFAllocatorRef allocator, CFSocketNativeHandle fd, CFOptionFlags types,
                                     CFSocketCallBack callback, const CFSocketContext* context);
void CFSocketSetSocketFlags(CFSocketRef socket, CFOptionFlags flags);
void CFSocketEnableCallBacks(CFSocketRef socket, CFOptionFlags types);
void CFSocketDisableCallBacks(CFSocketRef socket, CFOptionFlags types);
void CFSocketInvalidate(CFSocketRef socket);
CFRunLoopSourceRef CFSocketCreateRunLoopSource(CFAllocatorRef allocator, CFSocketRef socket, CFIndex order);
void CFRunLoopAddSource(CFRunLoopRef loop, CFRunLoopSourceRef source, CFStringRef mode);
void CFRunLoopRemoveSource(CFRunLoopRef loop, CFRunLoopSourceRef source, CFStringRef mode);
CFRunLoopTimerRef CFRunLoopTimerCreate(CFAllocatorRef allocator, CFAbsoluteTime at, CFTimeInterval interval,
                                       CFOptionFlags flags, CFIndex order, CFRunLoopTimerCallBack callback,
                                       CFRunLoopTimerContext* context);
void CFRunLoopAddTimer(CFRunLoopRef loop, CFRunLoopTimerRef timer, CFStringRef mode);
void CFRunLoopTimerInvalidate(CFRunLoopTimerRef timer);
#ifdef __cplusplus
}
#endif

#endif
