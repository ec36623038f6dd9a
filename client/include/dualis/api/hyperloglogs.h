// The HyperLogLog commands as methods. See dualis/commands_api.h.
#ifndef DUALIS_API_HYPERLOGLOGS_H_
#define DUALIS_API_HYPERLOGLOGS_H_

#include <utility>

#include "dualis/api/words.h"
#include "dualis/commands/hyperloglogs.h"

namespace dualis {

template <class Self>
class HyperLogLogCommands {
 public:
  auto pfadd(Key key, Many<Bytes> elements) { return Do(cmd::PfAdd{key, std::move(elements)}); }
  template <Word... T>
  auto pfadd(Key key, const T&... elements) {
    return pfadd(key, api::Words(elements...));
  }
  auto pfcount(Many<Key> keys) { return Do(cmd::PfCount{std::move(keys)}); }
  template <Word... T>
  auto pfcount(const T&... keys) {
    return pfcount(api::Keys(keys...));
  }
  auto pfmerge(Key destkey, Many<Key> sourcekeys) { return Do(cmd::PfMerge{destkey, std::move(sourcekeys)}); }

 private:
  template <class C>
  auto Do(const C& command) {
    return static_cast<Self*>(this)->Run(command);
  }
};

}  // namespace dualis

#endif  // DUALIS_API_HYPERLOGLOGS_H_
