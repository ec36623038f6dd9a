// Memory of one reply tree: pieces of a few blocks, which are freed at once.
//
//   | next | unused | redisReply | its text or vector | redisReply | ... |  ->  next block
//                   ^ of the first block: the outermost reply, which is what the tree is freed by
//
// Every reply lies 8 bytes behind a multiple of 16, where malloc puts none: a sign of its own, in addition to the mark
// (reply.cc), that freeReplyObject must not hand it to `free`.
#ifndef DUALIS_COMPAT_HIREDIS_REPLY_BLOCK_H_
#define DUALIS_COMPAT_HIREDIS_REPLY_BLOCK_H_

#include <cstddef>

namespace dualis::hiredis {

class ReplyBlock {
 public:
  // What Take takes. Requires: n is at most SIZE_MAX / 2.
  static constexpr size_t Aligned(size_t n) { return (n + 15) / 16 * 16; }

  // The next piece; null if memory is short. The first one begins with the outermost reply.
  void* Take(size_t size) {
    size = Aligned(size);
    if (size > left_) return TakeAhead(size, false);
    char* piece = at_;
    at_ += size;
    left_ -= size;
    return piece;
  }
  // The same, all zero.
  void* TakeZeroed(size_t size);
  // No more than this is taken ahead of what is asked for, and what is larger has a block of its own.
  static constexpr size_t kMostAhead = 64 * 1024;
  // How much the next block is to hold; else it holds twice as much as the one before.
  void Expect(size_t size) { next_size_ = size; }
  bool empty() const { return last_ == nullptr; }
  // The tree is somebody else's; the next piece begins another.
  void Release() { *this = ReplyBlock(); }

  // Frees the tree by its outermost reply.
  static void Free(void* root);

 private:
  struct Header {
    Header* next;
    void* unused[2];
  };
  static_assert(sizeof(Header) % 16 == 8);
  void* TakeAhead(size_t size, bool zeroed);

  Header* last_ = nullptr;
  char* at_ = nullptr;
  size_t left_ = 0;
  size_t next_size_ = 0;
};

}  // namespace dualis::hiredis

#endif  // DUALIS_COMPAT_HIREDIS_REPLY_BLOCK_H_
