// Asynchronous contexts: a queue of callbacks over the same buffers and transports as the synchronous ones, driven by
// events. Where replies go:
//
//   not subscribed   the oldest of ac->replies
//   subscribed       (p|s)subscribe, (p|s)unsubscribe and (p|s)message to the callback of their channel, pattern or
//                    shard's channel; others to the oldest of ac->replies, then of ac->sub.replies, which holds what
//                    was sent since
//
// Under RESP2 a message is an array like any other, so it is one only if no reply is due from before the subscription;
// under RESP3 it is a push. Other pushes go to the push callback.
//
// MONITOR's callback stays in its queue once MONITOR was confirmed, and gets the lines. Other commands may be sent
// beside it: a line is told from their replies by its form.
//
// A callback may free or disconnect its context; both are put off until it returns.
#include <algorithm>
#include <cassert>
#include <cstring>
#include <utility>

#include "compat/hiredis/async_extra.h"
#include "compat/hiredis/context.h"
#include "compat/hiredis/format.h"
#include "compat/hiredis/subscriptions.h"
#include "engine/command/word.h"

namespace dualis::hiredis {
namespace {

constexpr int kGoing = REDIS_DISCONNECTING | REDIS_FREEING;

void CopyError(redisAsyncContext* ac) { ac->err = ac->c.err; }

bool HasTime(const timeval* tv) { return tv != nullptr && (tv->tv_sec != 0 || tv->tv_usec != 0); }

// Requests to the event loop. Each hook is optional.

void ArmTimer(redisAsyncContext* ac) {
  EngineLink* link = LinkOf(&ac->c);
  if (link != nullptr) link->set_loop_has_timers(ac->ev.scheduleTimer != nullptr);
  if (ac->ev.scheduleTimer == nullptr) return;
  const timeval* own = (ac->c.flags & REDIS_CONNECTED) != 0 ? ac->c.command_timeout : ac->c.connect_timeout;
  const bool has_own = HasTime(own);
  timeval wait = has_own ? *own : timeval{};
  const auto tick = link == nullptr ? std::nullopt : link->UntilTick();
  const bool for_engine = tick && (!has_own || tick->count() < int64_t{wait.tv_sec} * 1000 + wait.tv_usec / 1000);
  if (for_engine) wait = timeval{tick->count() / 1000, (tick->count() % 1000 + 1) * 1000};
  if (wait.tv_usec >= 1000000) wait = timeval{wait.tv_sec + 1, wait.tv_usec - 1000000};
  if (link != nullptr) link->set_timer_is_engines(for_engine);
  AsyncExtra& extra = ExtraOf(ac);
  extra.timer_is_commands = false;
  if (extra.timed != nullptr) {
    const auto left =
        std::chrono::duration_cast<std::chrono::microseconds>(extra.earliest - std::chrono::steady_clock::now());
    const int64_t us = std::max<int64_t>(left.count(), 0) + 1;
    extra.timer_is_commands = !(has_own || for_engine) || us < int64_t{wait.tv_sec} * 1000000 + wait.tv_usec;
    if (extra.timer_is_commands) wait = timeval{us / 1000000, us % 1000000};
  }
  if (has_own || for_engine || extra.timer_is_commands) ac->ev.scheduleTimer(ac->ev.data, wait);
}

void WantRead(redisAsyncContext* ac) {
  ArmTimer(ac);
  if (ac->ev.addRead != nullptr) ac->ev.addRead(ac->ev.data);
}

void WantWrite(redisAsyncContext* ac) {
  ArmTimer(ac);
  if (ac->ev.addWrite != nullptr) ac->ev.addWrite(ac->ev.data);
}

void WantNoWrite(redisAsyncContext* ac) {
  if (ac->ev.delWrite != nullptr) ac->ev.delWrite(ac->ev.data);
}

void LeaveLoop(redisAsyncContext* ac) {
  if (ac->ev.cleanup != nullptr) ac->ev.cleanup(ac->ev.data);
  ac->ev.cleanup = nullptr;
}

// Queues.

bool Push(redisCallbackList* list, const redisCallback& callback) {
  auto* copy = static_cast<redisCallback*>(hi_malloc(sizeof(redisCallback)));
  if (copy == nullptr) return false;
  *copy = callback;
  copy->next = nullptr;
  (list->tail == nullptr ? list->head : list->tail->next) = copy;
  list->tail = copy;
  return true;
}

bool Shift(redisCallbackList* list, redisCallback* callback) {
  redisCallback* first = list->head;
  if (first == nullptr) return false;
  list->head = first->next;
  if (list->tail == first) list->tail = nullptr;
  *callback = *first;
  hi_free(first);
  return true;
}

void Append(redisCallbackList* to, redisCallbackList* from) {
  if (from->head == nullptr) return;
  (to->tail == nullptr ? to->head : to->tail->next) = from->head;
  to->tail = from->tail;
  from->head = from->tail = nullptr;
}

// Whether no reply is awaited: MONITOR's callback waits for lines without an end.
bool NothingDue(const redisAsyncContext* ac) {
  for (const redisCallbackList* list : {&ac->replies, &ac->sub.replies}) {
    for (const redisCallback* at = list->head; at != nullptr; at = at->next) {
      if (at->pending_subs != kMonitoring) return false;
    }
  }
  return true;
}

// Marks the context as being inside a callback; the program's calls that would end it are then put off.
template <class Call>
void InCallback(redisAsyncContext* ac, Call call) {
  const int nested = ac->c.flags & REDIS_IN_CALLBACK;
  ac->c.flags |= REDIS_IN_CALLBACK;
  call();
  if (nested == 0) ac->c.flags &= ~REDIS_IN_CALLBACK;
}

void Run(redisAsyncContext* ac, const redisCallback& callback, redisReply* reply) {
  if (callback.fn == nullptr) return;
  InCallback(ac, [&] { callback.fn(Public(ac), reply, callback.privdata); });
}

void RunConnectCallback(redisAsyncContext* ac, int status) {
  if (ac->onConnect != nullptr) InCallback(ac, [&] { ac->onConnect(Public(ac), status); });
  if (ac->onConnectNC != nullptr) InCallback(ac, [&] { ac->onConnectNC(Public(ac), status); });
}

void CancelAll(redisAsyncContext* ac, redisCallbackList* list) {
  for (redisCallback callback; Shift(list, &callback);) Run(ac, callback, nullptr);
}

// Ends the context: everyone who waits gets null.
void Destroy(redisAsyncContext* ac) {
  CancelAll(ac, &ac->replies);
  CancelAll(ac, &ac->sub.replies);
  for (dict* table : {ac->sub.channels, ac->sub.patterns, ac->sub.channels->shards}) {
    while (dict::Entry* entry = table->TakeAny()) {
      Run(ac, entry->callback, nullptr);
      dict::FreeEntry(entry);
    }
  }
  dict::Free(ac->sub.channels);
  dict::Free(ac->sub.patterns);
  ac->sub.channels = ac->sub.patterns = nullptr;
  LeaveLoop(ac);
  if (ac->onDisconnect != nullptr && (ac->c.flags & REDIS_CONNECTED) != 0) {
    const int status = (ac->c.flags & REDIS_FREEING) != 0 || ac->err == 0 ? REDIS_OK : REDIS_ERR;
    InCallback(ac, [&] { ac->onDisconnect(Public(ac), status); });
  }
  if (ac->dataCleanup != nullptr) ac->dataCleanup(ac->data);
  redisFree(&ac->c);
}

// Pub/sub.

enum class Event { kNone, kMessage, kSubscribe, kUnsubscribe };
enum class Names { kChannels, kPatterns, kShards };
struct PubSub {
  Event event = Event::kNone;
  Names names = Names::kChannels;
};

// What the first word of a reply or of a command means to a subscriber.
PubSub PubSubOf(Bytes word) {
  constexpr struct {
    Bytes word;
    PubSub meaning;
  } kWords[] = {
      {"message", {Event::kMessage, Names::kChannels}},
      {"pmessage", {Event::kMessage, Names::kPatterns}},
      {"smessage", {Event::kMessage, Names::kShards}},
      {"subscribe", {Event::kSubscribe, Names::kChannels}},
      {"psubscribe", {Event::kSubscribe, Names::kPatterns}},
      {"ssubscribe", {Event::kSubscribe, Names::kShards}},
      {"unsubscribe", {Event::kUnsubscribe, Names::kChannels}},
      {"punsubscribe", {Event::kUnsubscribe, Names::kPatterns}},
      {"sunsubscribe", {Event::kUnsubscribe, Names::kShards}},
  };
  for (const auto& known : kWords) {
    if (SameWord(word, known.word)) return known.meaning;
  }
  return {};
}

// Short or odd replies mean nothing, whatever their first word.
PubSub PubSubOf(const redisReply* reply) {
  if (reply->type != REDIS_REPLY_ARRAY && reply->type != REDIS_REPLY_PUSH) return {};
  if (reply->elements < 3 || reply->element[0]->type != REDIS_REPLY_STRING) return {};
  return PubSubOf(Bytes(reply->element[0]->str, reply->element[0]->len));
}

dict* TableOf(const redisAsyncContext* ac, Names names) {
  if (names == Names::kPatterns) return ac->sub.patterns;
  return names == Names::kShards ? ac->sub.channels->shards : ac->sub.channels;
}

// The server counts no subscription of a kind (shards' channels are counted apart) and we expect no confirmation: back
// to plain replies, unless there are some of the other kind.
void LeaveSubscribed(redisAsyncContext* ac, Names names) {
  if (ac->sub.pending_unsubs != 0) return;
  const bool others = names == Names::kShards ? ac->sub.channels->count + ac->sub.patterns->count > 0
                                              : ac->sub.channels->shards->count > 0;
  bool expecting = false;
  for (const dict* table : {ac->sub.channels, ac->sub.patterns, ac->sub.channels->shards}) {
    table->ForEach(
        [&](const dict::Entry* entry) { return !(expecting = expecting || entry->callback.pending_subs > 0); });
  }
  if (others || expecting) return;
  ac->c.flags &= ~REDIS_SUBSCRIBED;
  Append(&ac->replies, &ac->sub.replies);
}

// Finds whom a message or confirmation is for, and keeps the books.
redisCallback SubscriberOf(redisAsyncContext* ac, PubSub what, const redisReply* reply) {
  redisCallback callback = {};
  dict* table = TableOf(ac, what.names);
  const redisReply* name = reply->element[1];
  dict::Entry* entry = name->type == REDIS_REPLY_STRING ? table->Find(Bytes(name->str, name->len)) : nullptr;
  if (entry != nullptr) callback = entry->callback;
  if (what.event == Event::kSubscribe) {
    if (entry != nullptr && entry->callback.pending_subs > 0) --entry->callback.pending_subs;
  } else if (what.event == Event::kUnsubscribe) {
    if (entry == nullptr) {
      if (ac->sub.pending_unsubs > 0) --ac->sub.pending_unsubs;
    } else if (entry->callback.pending_subs == 0) {
      table->Remove(entry);
    } else {
      // Subscribed anew since: the confirmation of that is still to come.
      entry->callback.unsubscribe_sent = 0;
    }
    if (reply->element[2]->integer == 0) LeaveSubscribed(ac, what.names);
  }
  return callback;
}

// Notes what a command does to the subscriptions before it is queued.

// The words of a command that is RESP already.
class Reader {
 public:
  explicit Reader(Bytes resp) : rest_(resp) { Number('*'); }
  bool Next(Bytes* word) {
    const size_t size = Number('$');
    if (size == Bytes::npos || rest_.size() < size) return false;
    *word = rest_.substr(0, size);
    rest_.remove_prefix(std::min(rest_.size(), size + 2));
    return true;
  }

 private:
  // The number in a header line, which is consumed; npos if there is none.
  size_t Number(char type) {
    if (rest_.empty() || rest_[0] != type) return Bytes::npos;
    size_t n = 0, i = 1;
    for (; i < rest_.size() && rest_[i] >= '0' && rest_[i] <= '9'; ++i)
      n = n * 10 + static_cast<size_t>(rest_[i] - '0');
    if (rest_.size() < i + 2) return Bytes::npos;
    rest_.remove_prefix(i + 2);
    return n;
  }
  Bytes rest_;
};

bool NoteSubscribe(redisAsyncContext* ac, Reader words, Names names, const redisCallback& callback) {
  dict* table = TableOf(ac, names);
  for (Bytes name; words.Next(&name);) {
    dict::Entry* entry = table->FindOrAdd(name);
    if (entry == nullptr) return false;
    const int pending = entry->callback.pending_subs + 1;
    const int unsubscribed = entry->callback.unsubscribe_sent;
    entry->callback = callback;
    entry->callback.pending_subs = pending;
    entry->callback.unsubscribe_sent = unsubscribed;
  }
  ac->c.flags |= REDIS_SUBSCRIBED;
  return true;
}

void NoteUnsubscribe(redisAsyncContext* ac, Reader words, Names names) {
  dict* table = TableOf(ac, names);
  Bytes name;
  if (words.Next(&name)) {
    do {
      dict::Entry* entry = table->Find(name);
      if (entry != nullptr && entry->callback.unsubscribe_sent == 0) {
        entry->callback.unsubscribe_sent = 1;
      } else {
        ++ac->sub.pending_unsubs;
      }
    } while (words.Next(&name));
    return;
  }
  // From everything. With nothing there the server confirms once, for no name.
  bool any = false;
  table->ForEach([&](dict::Entry* entry) {
    any = any || entry->callback.unsubscribe_sent == 0;
    entry->callback.unsubscribe_sent = 1;
    return true;
  });
  if (!any) ++ac->sub.pending_unsubs;
}

int Queue(redisAsyncContext* ac, redisCallbackFn* fn, void* privdata, Bytes resp) {
  redisContext* c = &ac->c;
  if ((c->flags & kGoing) != 0) return REDIS_ERR;
  // Room first: a callback that is queued is called, so its command must go out.
  sds roomy = sdsMakeRoomFor(c->obuf, resp.size());
  if (roomy == nullptr) {
    SetOom(c);
    CopyError(ac);
    return REDIS_ERR;
  }
  c->obuf = roomy;
  redisCallback callback = {};
  callback.fn = fn;
  callback.privdata = privdata;
  Reader words(resp);
  Bytes word;
  bool noted = true;
  if (words.Next(&word)) {
    const PubSub what = PubSubOf(word);
    if (what.event == Event::kSubscribe) {
      noted = NoteSubscribe(ac, words, what.names, callback);
    } else if (what.event == Event::kUnsubscribe) {
      // Without a subscription there is no callback that the confirmation could go to.
      if ((c->flags & REDIS_SUBSCRIBED) == 0) return REDIS_ERR;
      NoteUnsubscribe(ac, words, what.names);
    } else {
      if (SameWord(word, "monitor")) {
        c->flags |= REDIS_MONITORING;
        callback.pending_subs = kMonitorSent;
      }
      noted = Push((c->flags & REDIS_SUBSCRIBED) != 0 ? &ac->sub.replies : &ac->replies, callback);
    }
  }
  if (!noted || __redisAppendCommand(c, resp.data(), resp.size()) != REDIS_OK) {
    SetOom(c);
    CopyError(ac);
    return REDIS_ERR;
  }
  WantWrite(ac);
  return REDIS_OK;
}

redisAsyncContext* NewAsync(redisContext* c) {
  auto* ac = static_cast<redisAsyncContext*>(hi_realloc(c, sizeof(AsyncBlock)));
  if (ac == nullptr) {
    redisFree(c);
    return nullptr;
  }
  std::memset(reinterpret_cast<char*>(ac) + sizeof(redisContext), 0, sizeof(AsyncBlock) - sizeof(redisContext));
  // The first event tells that the connection stands.
  ac->c.flags &= ~REDIS_CONNECTED;
  ac->errstr = ac->c.errstr;
  ac->sub.channels = dict::NewWithShards();
  ac->sub.patterns = dict::New();
  if (ac->sub.channels != nullptr && ac->sub.patterns != nullptr) return ac;
  dict::Free(ac->sub.channels);
  dict::Free(ac->sub.patterns);
  redisFree(&ac->c);
  return nullptr;
}

// Deals with what a callback asked for while it ran. False: the context is gone or going.
bool StillHere(redisAsyncContext* ac) {
  if ((ac->c.flags & REDIS_FREEING) != 0) {
    Destroy(ac);
    return false;
  }
  return true;
}

// Whether the connection stands, completing it if need be. False: not yet, or the context is gone.
bool Connected(redisAsyncContext* ac) {
  redisContext* c = &ac->c;
  if ((c->flags & REDIS_CONNECTED) != 0) return true;
  if (LinkOf(c) == nullptr && c->err == 0) {
    wire::Failure failure;
    if (!wire::FinishConnect(c->fd, std::chrono::steady_clock::now(), &failure)) {
      if (failure.kind == wire::Failure::Kind::kTimeout) return false;
      char buffer[wire::kFailureTextBytes];
      SetError(c, REDIS_ERR_IO, FailureText(failure, buffer));
    }
  }
  if (c->err != 0) {
    CopyError(ac);
    RunConnectCallback(ac, REDIS_ERR);
    __redisAsyncDisconnect(ac);
    return false;
  }
  if (c->connection_type == REDIS_CONN_TCP) redisSetTcpNoDelay(c);
  c->flags |= REDIS_CONNECTED;
  RunConnectCallback(ac, REDIS_OK);
  if ((c->flags & REDIS_DISCONNECTING) != 0 && (c->flags & REDIS_FREEING) == 0 && NothingDue(ac)) {
    __redisAsyncDisconnect(ac);
    return false;
  }
  return StillHere(ac);
}

// "+1339518083.107412 [0 127.0.0.1:60866] ...".
bool IsMonitorLine(const redisReply* reply) {
  if (reply->type != REDIS_REPLY_STATUS) return false;
  const Bytes text(reply->str, reply->len);
  const size_t time = text.find_first_not_of("0123456789.");
  return time != 0 && time != Bytes::npos && text.substr(time).starts_with(" [");
}

// Finds the callback of a reply, and takes it from its queue unless it is for MONITOR's lines.
bool TakeCallback(redisAsyncContext* ac, const redisReply* reply, bool for_lines, redisCallback* callback) {
  for (redisCallbackList* list : {&ac->replies, &ac->sub.replies}) {
    redisCallback* before = nullptr;
    for (redisCallback* at = list->head; at != nullptr; before = std::exchange(at, at->next)) {
      if ((at->pending_subs == kMonitoring) != for_lines) continue;
      *callback = *at;
      if (for_lines) return true;
      if (at->pending_subs == kMonitorSent && reply->type == REDIS_REPLY_STATUS) {
        at->pending_subs = kMonitoring;
        return true;
      }
      (before == nullptr ? list->head : before->next) = at->next;
      if (list->tail == at) list->tail = before;
      hi_free(at);
      return true;
    }
  }
  return false;
}

bool TakeCallback(redisAsyncContext* ac, const redisReply* reply, redisCallback* callback) {
  if ((ac->c.flags & REDIS_MONITORING) == 0) return Shift(&ac->replies, callback) || Shift(&ac->sub.replies, callback);
  // What has no taker by its form goes to the other kind.
  const bool line = IsMonitorLine(reply);
  return TakeCallback(ac, reply, line, callback) || TakeCallback(ac, reply, !line, callback);
}

// Gives a reply to whom it is for. False: the context is gone.
bool Dispatch(redisAsyncContext* ac, redisReply* reply) {
  redisContext* c = &ac->c;
  const bool push = reply->type == REDIS_REPLY_PUSH;
  if (push) c->flags |= REDIS_SUPPORTS_PUSH;
  const bool subscribed = (c->flags & REDIS_SUBSCRIBED) != 0;
  // Under RESP2 replies that were due before the subscription come first, and may look like messages.
  const PubSub what = subscribed && (push || ac->replies.head == nullptr) ? PubSubOf(reply) : PubSub();
  bool keep = (c->flags & REDIS_NO_AUTO_FREE_REPLIES) != 0;
  redisCallback callback = {};
  if (what.event != Event::kNone) {
    callback = SubscriberOf(ac, what, reply);
  } else if (push) {
    if (ac->push_cb != nullptr) InCallback(ac, [&] { ac->push_cb(Public(ac), reply); });
    keep = false;
    callback.fn = nullptr;
  } else if (!TakeCallback(ac, reply, &callback)) {
    // Nobody asked. An error is the server's reason to throw us out ("max number of clients reached").
    const bool error = reply->type == REDIS_REPLY_ERROR;
    SetError(c, REDIS_ERR_OTHER, error ? Bytes(reply->str, reply->len) : Bytes("Unexpected reply"));
    freeReplyObject(reply);
    __redisAsyncDisconnect(ac);
    return false;
  }
  Run(ac, callback, reply);
  if (!keep || callback.fn == nullptr) freeReplyObject(reply);
  return StillHere(ac);
}

}  // namespace
}  // namespace dualis::hiredis

using dualis::Bytes;
using namespace dualis::hiredis;  // NOLINT: the C functions below are outside every namespace

extern "C" {

redisAsyncContext* redisAsyncConnectWithOptions(const redisOptions* options) noexcept {
  redisOptions own = *options;
  own.push_cb = nullptr;
  // Pushes are dispatched here, not by the synchronous reader.
  own.options |= REDIS_OPT_NONBLOCK | REDIS_OPT_NO_PUSH_AUTOFREE | kOptAsynchronous;
  redisContext* c = redisConnectWithOptions(&own);
  if (c == nullptr) return nullptr;
  redisAsyncContext* ac = NewAsync(c);
  if (ac == nullptr) return nullptr;
  ac->push_cb = options->async_push_cb;
  if (own.type == REDIS_CONN_USERFD) dualis::wire::SetNonBlocking(ac->c.fd, true);
  CopyError(ac);
  return ac;
}

redisAsyncContext* redisAsyncConnect(const char* ip, int port) noexcept {
  redisOptions options = {};
  REDIS_OPTIONS_SET_TCP(&options, ip, port);
  return redisAsyncConnectWithOptions(&options);
}

redisAsyncContext* redisAsyncConnectBind(const char* ip, int port, const char* source_addr) noexcept {
  redisOptions options = {};
  REDIS_OPTIONS_SET_TCP(&options, ip, port);
  options.endpoint.tcp.source_addr = source_addr;
  return redisAsyncConnectWithOptions(&options);
}

redisAsyncContext* redisAsyncConnectBindWithReuse(const char* ip, int port, const char* source_addr) noexcept {
  redisOptions options = {};
  REDIS_OPTIONS_SET_TCP(&options, ip, port);
  options.endpoint.tcp.source_addr = source_addr;
  options.options = REDIS_OPT_REUSEADDR;
  return redisAsyncConnectWithOptions(&options);
}

redisAsyncContext* redisAsyncConnectUnix(const char* path) noexcept {
  redisOptions options = {};
  REDIS_OPTIONS_SET_UNIX(&options, path);
  return redisAsyncConnectWithOptions(&options);
}

int redisAsyncSetConnectCallback(redisAsyncContext* ac, redisConnectCallback* fn) noexcept {
  if (ac->onConnect != nullptr || ac->onConnectNC != nullptr) return REDIS_ERR;
  ac->onConnect = fn;
  // The first write event completes the connection.
  WantWrite(ac);
  return REDIS_OK;
}

int redisAsyncSetConnectCallbackNC(redisAsyncContext* ac, redisConnectCallbackNC* fn) noexcept {
  if (ac->onConnect != nullptr || ac->onConnectNC != nullptr) return REDIS_ERR;
  ac->onConnectNC = fn;
  WantWrite(ac);
  return REDIS_OK;
}

int redisAsyncSetDisconnectCallback(redisAsyncContext* ac, redisDisconnectCallback* fn) noexcept {
  if (ac->onDisconnect != nullptr) return REDIS_ERR;
  ac->onDisconnect = fn;
  return REDIS_OK;
}

redisAsyncPushFn* redisAsyncSetPushCallback(redisAsyncContext* ac, redisAsyncPushFn* fn) noexcept {
  redisAsyncPushFn* before = ac->push_cb;
  ac->push_cb = fn;
  return before;
}

int redisAsyncSetTimeout(redisAsyncContext* ac, struct timeval tv) noexcept {
  if (SetTimeoutField(&ac->c.command_timeout, &tv)) return REDIS_OK;
  SetOom(&ac->c);
  CopyError(ac);
  return REDIS_ERR;
}

void redisAsyncFree(redisAsyncContext* ac) noexcept {
  if (ac == nullptr) return;
  ac->c.flags |= REDIS_FREEING;
  if ((ac->c.flags & REDIS_IN_CALLBACK) == 0) Destroy(ac);
}

void redisAsyncDisconnect(redisAsyncContext* ac) noexcept {
  ac->c.flags |= REDIS_DISCONNECTING;
  ac->c.flags &= ~REDIS_NO_AUTO_FREE;
  if ((ac->c.flags & REDIS_IN_CALLBACK) == 0 && NothingDue(ac)) __redisAsyncDisconnect(ac);
}

void __redisAsyncDisconnect(redisAsyncContext* ac) noexcept {
  CopyError(ac);
  // After an error nothing more can be sent; callbacks that try must learn it.
  if (ac->err != 0) ac->c.flags |= REDIS_DISCONNECTING;
  LeaveLoop(ac);
  const bool programs_own = (ac->c.flags & REDIS_NO_AUTO_FREE) != 0 && (ac->c.flags & REDIS_FREEING) == 0;
  if (!programs_own) Destroy(ac);
}

void redisProcessCallbacks(redisAsyncContext* ac) noexcept {
  while (true) {
    void* reply = nullptr;
    if (const auto next_piece = ExtraOf(ac).next_piece; next_piece != nullptr) {
      redisReply* whole = nullptr;
      const Piecewise came = next_piece(ac, &whole);
      if (came == Piecewise::kGone) return;
      if (came == Piecewise::kMore) break;
      if (came == Piecewise::kDone) reply = whole;
    }
    if (reply == nullptr && redisGetReply(&ac->c, &reply) != REDIS_OK) return __redisAsyncDisconnect(ac);
    if (reply == nullptr) break;
    if (!Dispatch(ac, static_cast<redisReply*>(reply))) return;
  }
  if ((ac->c.flags & REDIS_DISCONNECTING) != 0 && NothingDue(ac)) __redisAsyncDisconnect(ac);
}

void redisAsyncRead(redisAsyncContext* ac) noexcept {
  if (redisBufferRead(&ac->c) != REDIS_OK) return __redisAsyncDisconnect(ac);
  WantRead(ac);
  redisProcessCallbacks(ac);
}

void redisAsyncWrite(redisAsyncContext* ac) noexcept {
  int done = 0;
  if (redisBufferWrite(&ac->c, &done) != REDIS_OK) return __redisAsyncDisconnect(ac);
  if (done == 0) {
    WantWrite(ac);
  } else {
    WantNoWrite(ac);
  }
  WantRead(ac);
}

void redisAsyncHandleRead(redisAsyncContext* ac) noexcept {
  assert((ac->c.flags & REDIS_IN_CALLBACK) == 0);
  if (!Connected(ac)) return;
  ac->c.funcs->async_read(ac);
}

void redisAsyncHandleWrite(redisAsyncContext* ac) noexcept {
  assert((ac->c.flags & REDIS_IN_CALLBACK) == 0);
  if (!Connected(ac)) return;
  ac->c.funcs->async_write(ac);
}

void redisAsyncHandleTimeout(redisAsyncContext* ac) noexcept {
  redisContext* c = &ac->c;
  assert((c->flags & REDIS_IN_CALLBACK) == 0);
  if (ExtraOf(ac).timer_is_commands) {
    // The context goes on, and the server's replies to them will be dropped. Loops count in milliseconds, and may be
    // early.
    const auto now = std::chrono::steady_clock::now() + std::chrono::milliseconds(1);
    for (TimedCommand* due = TakeDue(ac, now); due != nullptr;) {
      TimedCommand* const command = std::exchange(due, due->next);
      command->expired = true;
      Run(ac, redisCallback{nullptr, command->fn, 0, 0, command->privdata}, nullptr);
    }
    if (StillHere(ac)) ArmTimer(ac);
    return;
  }
  if (EngineLink* link = LinkOf(c); link != nullptr && link->timer_is_engines()) {
    // A parked command of this process may be due; its reply makes the descriptor readable.
    Guarded(c, [&] { return link->Tick(), REDIS_OK; });
    ArmTimer(ac);
    return;
  }
  const bool connected = (c->flags & REDIS_CONNECTED) != 0;
  // Nothing to wait for, or the timer was the connection's, which came about before.
  if (connected && (NothingDue(ac) || !HasTime(c->command_timeout))) return;
  if (c->err == 0) SetError(c, REDIS_ERR_TIMEOUT, "Timeout");
  CopyError(ac);
  if (!connected) RunConnectCallback(ac, REDIS_ERR);
  CancelAll(ac, &ac->replies);
  CancelAll(ac, &ac->sub.replies);
  __redisAsyncDisconnect(ac);
}

int redisvAsyncCommand(redisAsyncContext* ac, redisCallbackFn* fn, void* privdata, const char* format,
                       va_list ap) noexcept {
  char* command = nullptr;
  const int size = redisvFormatCommand(&command, format, ap);
  if (size < 0) return REDIS_ERR;
  const int result = Queue(ac, fn, privdata, Bytes(command, static_cast<size_t>(size)));
  redisFreeCommand(command);
  return result;
}

int redisAsyncCommand(redisAsyncContext* ac, redisCallbackFn* fn, void* privdata, const char* format, ...) noexcept {
  va_list ap;
  va_start(ap, format);
  const int result = redisvAsyncCommand(ac, fn, privdata, format, ap);
  va_end(ap);
  return result;
}

int redisAsyncCommandArgv(redisAsyncContext* ac, redisCallbackFn* fn, void* privdata, int argc, const char** argv,
                          const size_t* argvlen) noexcept {
  char* command = nullptr;
  const long long size = redisFormatCommandArgv(&command, argc, argv, argvlen);
  if (size < 0) return REDIS_ERR;
  const int result = Queue(ac, fn, privdata, Bytes(command, static_cast<size_t>(size)));
  redisFreeCommand(command);
  return result;
}

int redisAsyncFormattedCommand(redisAsyncContext* ac, redisCallbackFn* fn, void* privdata, const char* cmd,
                               size_t len) noexcept {
  return Queue(ac, fn, privdata, Bytes(cmd, len));
}

}  // extern "C"
