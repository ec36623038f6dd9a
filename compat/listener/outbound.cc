#include "compat/listener/outbound.h"

#include <algorithm>

namespace dualis::listener {
namespace {

// Replies of this size are chunks of their own; smaller ones are copied into a chunk that they share.
constexpr size_t kOwnChunk = 16 * 1024;
// An idle client keeps no more room than this.
constexpr size_t kKeep = 16 * 1024;

}  // namespace

void Outbound::Take(std::string& reply) {
  if (reply.size() < kOwnChunk) {
    Append(reply);
    reply.clear();
    return;
  }
  const size_t size = reply.size();
  if (bytes_ == 0) chunks_.clear();  // an empty one may be there for reuse
  chunks_.push_back(std::move(reply));
  bytes_ += size;
  reply = std::string();
}

void Outbound::Append(Bytes bytes) {
  if (bytes.empty()) return;
  if (chunks_.empty() || (!chunks_.back().empty() && chunks_.back().size() + bytes.size() > kOwnChunk)) {
    chunks_.emplace_back();
  }
  chunks_.back().append(bytes);
  bytes_ += bytes.size();
}

int Outbound::Pieces(iovec* pieces, int room) const {
  int count = 0;
  size_t skip = sent_;
  for (auto it = chunks_.begin(); it != chunks_.end() && count < room; ++it) {
    pieces[count++] = {const_cast<char*>(it->data()) + skip, it->size() - skip};
    skip = 0;
  }
  return count;
}

void Outbound::Sent(size_t bytes) {
  bytes_ -= bytes;
  while (bytes > 0) {
    std::string& first = chunks_.front();
    const size_t left = first.size() - sent_;
    if (bytes < left) {
      sent_ += bytes;
      return;
    }
    bytes -= left;
    sent_ = 0;
    // The last one stays, for the next reply to use.
    if (chunks_.size() == 1 && first.capacity() <= kKeep) {
      first.clear();
      return;
    }
    chunks_.pop_front();
  }
}

}  // namespace dualis::listener
