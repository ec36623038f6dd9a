#include "compat/hiredis/reply_block.h"

#include <algorithm>
#include <cstring>

#include "compat/hiredis/abi.h"

namespace dualis::hiredis {
void* ReplyBlock::TakeAhead(size_t size, bool zeroed) {
  const size_t room = std::max(size, next_size_);
  const size_t bytes = sizeof(Header) + room;
  auto* block = static_cast<Header*>(zeroed ? hi_calloc(1, bytes) : hi_malloc(bytes));
  if (block == nullptr) return nullptr;
  block->next = nullptr;
  if (last_ != nullptr) last_->next = block;
  last_ = block;
  char* piece = reinterpret_cast<char*>(block + 1);
  // The larger rest is the one to go on with.
  if (room - size >= left_) {
    at_ = piece + size;
    left_ = room - size;
  }
  next_size_ = std::min(room * 2, kMostAhead);
  return piece;
}

void* ReplyBlock::TakeZeroed(size_t size) {
  // The system gives large blocks zeroed, and pages that are never touched cost nothing.
  if (size > left_ && size >= kMostAhead) return TakeAhead(Aligned(size), true);
  void* piece = Take(size);
  if (piece != nullptr) std::memset(piece, 0, size);
  return piece;
}

void ReplyBlock::Free(void* root) {
  for (Header* block = static_cast<Header*>(root) - 1; block != nullptr;) {
    Header* next = block->next;
    hi_free(block);
    block = next;
  }
}

}  // namespace dualis::hiredis
