// ScanRange: all keys as a range to loop over:
//
//   for (const Result<std::string>& key : client.scan_iter({.match = "user:*"})) {
//     if (!key) return key.error();
//     Use(*key);
//   }
//
// SCAN's promise holds: what is there from start to end is seen, some of it perhaps twice; what comes or goes meanwhile
// may be seen or not. Nothing is locked between steps.
#ifndef DUALIS_SCAN_H_
#define DUALIS_SCAN_H_

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "dualis/result.h"

namespace dualis {

struct ScanOptions {
  // A glob that the names must match; empty: all.
  std::string match = {};
  // What TYPE would say ("list"); empty: all.
  std::string type = {};
  // How many keys a step looks at; 0: 10 at first, then twice as many each time up to 1000.
  int64_t count = 0;
};

// Walks once. The range must outlive its iterator. Used by one thread at a time.
template <class T>
class ScanRangeOf {
 public:
  // Fetches the next step into `batch`; false if it was the last one.
  class Steps {
   public:
    virtual ~Steps() = default;
    virtual Result<bool> Next(std::vector<T>& batch) = 0;
  };

  class iterator {
   public:
    using iterator_concept = std::input_iterator_tag;
    using value_type = Result<T>;
    using difference_type = std::ptrdiff_t;
    // An error is the last element.
    const Result<T>& operator*() const { return range_->current_; }
    const Result<T>* operator->() const { return &range_->current_; }
    iterator& operator++() {
      range_->Advance();
      return *this;
    }
    void operator++(int) { range_->Advance(); }
    bool operator==(std::default_sentinel_t) const { return range_->ended_; }

   private:
    friend class ScanRangeOf;
    explicit iterator(ScanRangeOf* range) : range_(range) {}
    ScanRangeOf* range_;
  };

  explicit ScanRangeOf(std::unique_ptr<Steps> steps) : steps_(std::move(steps)) {}
  iterator begin() {
    Advance();
    return iterator(this);
  }
  std::default_sentinel_t end() const { return {}; }

 private:
  void Advance() {
    while (next_ == batch_.size()) {
      if (!more_) {
        ended_ = true;
        return;
      }
      batch_.clear();
      next_ = 0;
      const Result<bool> more = steps_->Next(batch_);
      more_ = more.ok() && *more;
      if (!more) {
        current_ = more.error();
        return;
      }
    }
    current_ = std::move(batch_[next_++]);
  }

  std::unique_ptr<Steps> steps_;
  std::vector<T> batch_;
  size_t next_ = 0;
  bool more_ = true;
  bool ended_ = false;
  Result<T> current_ = T();
};

// Of key names.
using ScanRange = ScanRangeOf<std::string>;

}  // namespace dualis

#endif  // DUALIS_SCAN_H_
