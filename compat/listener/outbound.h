// Outbound: the bytes that wait for one client, in the order in which they were said.
//
//   | chunk | chunk | chunk ... |        small replies share a chunk, a large one is a chunk of its own and is not
//   copied
//     ^ sent so far
//
// Chunks are what one writev takes; nothing is moved when a part has been sent.
#ifndef DUALIS_COMPAT_LISTENER_OUTBOUND_H_
#define DUALIS_COMPAT_LISTENER_OUTBOUND_H_

#include <sys/uio.h>

#include <cstddef>
#include <deque>
#include <string>

#include "dualis/bytes.h"

namespace dualis::listener {

class Outbound {
 public:
  bool empty() const { return bytes_ == 0; }
  size_t bytes() const { return bytes_; }
  size_t chunks() const { return chunks_.size(); }

  // Appends what `reply` holds and leaves it empty; its memory is taken if that is cheaper than to copy it.
  void Take(std::string& reply);
  void Append(Bytes bytes);

  // The first pieces to send; how many were filled in.
  int Pieces(iovec* pieces, int room) const;
  // The first of them. Requires: !empty().
  Bytes Front() const { return Bytes(chunks_.front()).substr(sent_); }
  // So many bytes are sent.
  void Sent(size_t bytes);

 private:
  std::deque<std::string> chunks_;
  size_t sent_ = 0;   // of the first chunk
  size_t bytes_ = 0;  // of all, still to send
};

}  // namespace dualis::listener

#endif  // DUALIS_COMPAT_LISTENER_OUTBOUND_H_
