/* Qt 5 and later: an object that connects a context to the event loop of its thread.
 *
 *   RedisQtAdapter adapter;
 *   adapter.setContext(ac);
 *   application.exec();
 */
#ifndef __HIREDIS_QT_H__
#define __HIREDIS_QT_H__

#include <QObject>
#include <QSocketNotifier>
#include <QTimer>

#include "../async.h"

class RedisQtAdapter : public QObject {
 public:
  explicit RedisQtAdapter(QObject* parent = nullptr) : QObject(parent) {}
  /* The context is left without a loop. */
  ~RedisQtAdapter() override {
    if (ac_ == nullptr) return;
    ac_->ev.addRead = ac_->ev.delRead = ac_->ev.addWrite = ac_->ev.delWrite = ac_->ev.cleanup = nullptr;
    ac_->ev.scheduleTimer = nullptr;
    ac_->ev.data = nullptr;
    drop();
  }
  RedisQtAdapter(const RedisQtAdapter&) = delete;
  RedisQtAdapter& operator=(const RedisQtAdapter&) = delete;

  /* REDIS_ERR if the context has an event loop already, or the adapter a context. */
  int setContext(redisAsyncContext* ac) {
    if (ac->ev.data != nullptr || ac_ != nullptr) return REDIS_ERR;
    ac_ = ac;
    ac->ev.data = this;
    ac->ev.addRead = [](void* data) { static_cast<RedisQtAdapter*>(data)->watch(QSocketNotifier::Read, true); };
    ac->ev.delRead = [](void* data) { static_cast<RedisQtAdapter*>(data)->watch(QSocketNotifier::Read, false); };
    ac->ev.addWrite = [](void* data) { static_cast<RedisQtAdapter*>(data)->watch(QSocketNotifier::Write, true); };
    ac->ev.delWrite = [](void* data) { static_cast<RedisQtAdapter*>(data)->watch(QSocketNotifier::Write, false); };
    ac->ev.scheduleTimer = [](void* data, struct timeval tv) {
      static_cast<RedisQtAdapter*>(data)->schedule(static_cast<int>(tv.tv_sec * 1000 + (tv.tv_usec + 999) / 1000));
    };
    ac->ev.cleanup = [](void* data) {
      auto* adapter = static_cast<RedisQtAdapter*>(data);
      adapter->ac_->ev.data = nullptr;
      adapter->ac_ = nullptr;
      adapter->drop();
    };
    return REDIS_OK;
  }

 private:
  void watch(QSocketNotifier::Type type, bool on) {
    QSocketNotifier*& notifier = type == QSocketNotifier::Read ? read_ : write_;
    if (notifier == nullptr && on) {
      notifier = new QSocketNotifier(ac_->c.fd, type, this);
      const bool reads = type == QSocketNotifier::Read;
      connect(notifier, &QSocketNotifier::activated, this, [this, reads]() {
        if (ac_ != nullptr) (reads ? redisAsyncHandleRead : redisAsyncHandleWrite)(ac_);
      });
    }
    if (notifier != nullptr) notifier->setEnabled(on);
  }

  void schedule(int ms) {
    if (timer_ == nullptr) {
      timer_ = new QTimer(this);
      timer_->setSingleShot(true);
      connect(timer_, &QTimer::timeout, this, [this]() {
        if (ac_ != nullptr) redisAsyncHandleTimeout(ac_);
      });
    }
    timer_->start(ms);
  }

  /* Later, because one of them may be what called us. */
  void drop() {
    if (read_ != nullptr) read_->setEnabled(false), read_->deleteLater();
    if (write_ != nullptr) write_->setEnabled(false), write_->deleteLater();
    if (timer_ != nullptr) timer_->stop(), timer_->deleteLater();
    read_ = write_ = nullptr;
    timer_ = nullptr;
  }

  redisAsyncContext* ac_ = nullptr;
  QSocketNotifier* read_ = nullptr;
  QSocketNotifier* write_ = nullptr;
  QTimer* timer_ = nullptr;
};

#endif /* __HIREDIS_QT_H__ */
