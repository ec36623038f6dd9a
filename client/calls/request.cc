// Request and CommandBuffer: a command on its way to a backend, borrowed or kept.
#include <algorithm>
#include <cstring>

#include "dualis/backend.h"

namespace dualis {
namespace {

// Words longer than this get a chunk of their own, so that the rest of the current chunk is not lost.
constexpr size_t kChunkBytes = 4096;

}  // namespace

Args Request::words(ArgList& scratch) const {
  if (self_ == nullptr) return words_;
  scratch.Clear();
  row_->encode(self_, scratch);
  return scratch.args();
}

Bytes CommandBuffer::Keep(Bytes bytes) {
  if (bytes.empty()) return {};
  char* place;
  if (bytes.size() > kChunkBytes / 4) {
    place = large_.emplace_back(std::make_unique_for_overwrite<char[]>(bytes.size())).get();
  } else {
    if (bytes.size() > room_) {
      free_ = chunks_.emplace_back(std::make_unique_for_overwrite<char[]>(kChunkBytes)).get();
      room_ = kChunkBytes;
    }
    place = free_;
    free_ += bytes.size();
    room_ -= bytes.size();
  }
  std::memcpy(place, bytes.data(), bytes.size());
  return Bytes(place, bytes.size());
}

void CommandBuffer::Add(const Request& request) {
  const size_t begin = words_.size();
  if (request.self() != nullptr && request.row()->keep != nullptr) {
    entries_.push_back({request.row(), begin, 0, request.row()->keep(request.self())});
    return;
  }
  ArgList scratch;
  const Args words = request.words(scratch);
  for (const Arg& word : words) words_.push_back(word.is_bytes() ? Arg(Keep(word.bytes)) : word);
  entries_.push_back({request.row(), begin, words.size(), nullptr});
}

Request CommandBuffer::operator[](size_t i) const {
  const Entry& entry = entries_[i];
  if (entry.kept != nullptr) return Request(Command(*entry.row, entry.kept.get()));
  return Request(Args(words_).subspan(entry.begin, entry.count), entry.row);
}

void CommandBuffer::Clear() {
  entries_.clear();
  words_.clear();
  large_.clear();
  if (chunks_.empty()) return;
  // Whoever fills a pipeline again needs a chunk again.
  chunks_.resize(1);
  free_ = chunks_.front().get();
  room_ = kChunkBytes;
}

}  // namespace dualis
