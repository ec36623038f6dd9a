// The hash commands as methods. See dualis/commands_api.h.
#ifndef DUALIS_API_HASHES_H_
#define DUALIS_API_HASHES_H_

#include <utility>
#include <vector>

#include "dualis/api/words.h"
#include "dualis/commands/collection_scans.h"
#include "dualis/commands/hashes.h"
#include "dualis/commands/random_members.h"

namespace dualis {

template <class Self>
class HashCommands {
 public:
  auto hset(Key key, Bytes field, Bytes value) { return Do(cmd::HSet{key, {{field, value}}}); }
  auto hset(Key key, Many<cmd::FieldValue> fields) { return Do(cmd::HSet{key, std::move(fields)}); }
  template <Couples<Bytes> Map>
  auto hset(Key key, const Map& fields) {
    std::vector<cmd::FieldValue> words;
    for (const auto& [field, value] : fields) words.push_back({field, value});
    return Do(cmd::HSet{key, words});
  }
  auto hsetnx(Key key, Bytes field, Bytes value) { return Do(cmd::HSetNx{key, field, value}); }
  auto hget(Key key, Bytes field) { return Do(cmd::HGet{key, field}); }
  auto hmget(Key key, Many<Bytes> fields) { return Do(cmd::HMGet{key, std::move(fields)}); }
  template <Word... T>
  auto hmget(Key key, const T&... fields) {
    return hmget(key, api::Words(fields...));
  }
  auto hdel(Key key, Many<Bytes> fields) { return Do(cmd::HDel{key, std::move(fields)}); }
  template <Word... T>
  auto hdel(Key key, const T&... fields) {
    return hdel(key, api::Words(fields...));
  }
  auto hgetall(Key key) { return Do(cmd::HGetAll{key}); }
  auto hkeys(Key key) { return Do(cmd::HKeys{key}); }
  auto hvals(Key key) { return Do(cmd::HVals{key}); }
  auto hlen(Key key) { return Do(cmd::HLen{key}); }
  auto hexists(Key key, Bytes field) { return Do(cmd::HExists{key, field}); }
  auto hstrlen(Key key, Bytes field) { return Do(cmd::HStrLen{key, field}); }
  auto hincrby(Key key, Bytes field, int64_t increment) { return Do(cmd::HIncrBy{key, field, increment}); }
  // The text that is now stored.
  auto hincrbyfloat(Key key, Bytes field, double increment) { return Do(cmd::HIncrByFloat{key, field, increment}); }
  auto hrandfield(Key key) { return Do(cmd::HRandField{key, {}}); }
  auto hrandfield(Key key, int64_t count) { return Do(cmd::HRandFieldCount(key, count)); }
  auto hrandfield_with_values(Key key, int64_t count) { return Do(cmd::HRandFieldWithValues(key, count)); }
  auto hscan(Key key, Bytes cursor, const CollectionScan& options = {}) {
    return Do(cmd::HScan{key, cursor, options.match, options.count});
  }
  // HSCAN ... NOVALUES
  auto hscan_fields(Key key, Bytes cursor, const CollectionScan& options = {}) {
    return Do(cmd::HScanFields({key, cursor, options.match, options.count}));
  }

 private:
  template <class C>
  auto Do(const C& command) {
    return static_cast<Self*>(this)->Run(command);
  }
};

}  // namespace dualis

#endif  // DUALIS_API_HASHES_H_
