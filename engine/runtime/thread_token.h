// ThreadToken: what an engine with a manual clock knows of the threads that use it: whether each one is asleep in a
// blocking command. When all are, only time can wake them, and the clock may jump.
#ifndef DUALIS_ENGINE_RUNTIME_THREAD_TOKEN_H_
#define DUALIS_ENGINE_RUNTIME_THREAD_TOKEN_H_

#include <atomic>
#include <memory>

namespace dualis::runtime {

struct ThreadToken {
  std::atomic<bool> asleep{false};

  // The calling thread's. It dies with the thread; engines hold it weakly.
  static const std::shared_ptr<ThreadToken>& Mine() {
    static thread_local const std::shared_ptr<ThreadToken> token = std::make_shared<ThreadToken>();
    return token;
  }
};

}  // namespace dualis::runtime

#endif  // DUALIS_ENGINE_RUNTIME_THREAD_TOKEN_H_
