// The stream commands as methods. See dualis/commands_api.h.
#ifndef DUALIS_API_STREAMS_H_
#define DUALIS_API_STREAMS_H_

#include <optional>
#include <utility>

#include "dualis/api/words.h"
#include "dualis/commands/streams.h"

namespace dualis {

// The options of XADD.
struct XAddOptions {
  Bytes id = "*";
  bool no_mkstream = false;
  cmd::StreamTrim trim = {};
};

// The options of XREAD. BLOCK of zero waits for ever.
struct XReadOptions {
  std::optional<int64_t> count = {};
  std::optional<std::chrono::milliseconds> block = {};
};

template <class Self>
class StreamCommands {
 public:
  // The id of the new entry; nothing if NOMKSTREAM found no stream.
  auto xadd(Key key, Many<cmd::FieldValue> fields, const XAddOptions& options = {}) {
    return Do(cmd::XAdd{key, options.id, std::move(fields), options.no_mkstream, options.trim});
  }
  auto xlen(Key key) { return Do(cmd::XLen{key}); }
  auto xrange(Key key, Bytes start = "-", Bytes end = "+", std::optional<int64_t> count = {}) {
    return Do(cmd::XRange{key, start, end, count});
  }
  auto xrevrange(Key key, Bytes end = "+", Bytes start = "-", std::optional<int64_t> count = {}) {
    return Do(cmd::XRevRange{key, end, start, count});
  }
  // One id for each key: entries after it; "$": only new ones.
  auto xread(Many<Key> keys, Many<Bytes> ids, const XReadOptions& options = {}) {
    std::optional<cmd::BlockMs> block;
    if (options.block) block = cmd::BlockMs(options.block->count());
    return Do(cmd::XRead{std::move(keys), std::move(ids), options.count, block});
  }
  auto xdel(Key key, Many<Bytes> ids) { return Do(cmd::XDel{key, std::move(ids)}); }
  auto xtrim(Key key, const cmd::StreamTrim& trim) { return Do(cmd::XTrim{key, trim}); }

 private:
  template <class C>
  auto Do(const C& command) {
    return static_cast<Self*>(this)->Run(command);
  }
};

}  // namespace dualis

#endif  // DUALIS_API_STREAMS_H_
