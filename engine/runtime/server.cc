#include "engine/runtime/server.h"

#include <algorithm>

namespace dualis::runtime {
namespace {

struct LimitSetting {
  Setting id;
  int64_t EncodingLimits::*limit;
};

constexpr LimitSetting kLimits[] = {
    {Setting::kHashMaxListpackEntries, &EncodingLimits::hash_max_listpack_entries},
    {Setting::kHashMaxListpackValue, &EncodingLimits::hash_max_listpack_value},
    {Setting::kListMaxListpackSize, &EncodingLimits::list_max_listpack_size},
    {Setting::kSetMaxIntsetEntries, &EncodingLimits::set_max_intset_entries},
    {Setting::kSetMaxListpackEntries, &EncodingLimits::set_max_listpack_entries},
    {Setting::kSetMaxListpackValue, &EncodingLimits::set_max_listpack_value},
    {Setting::kZsetMaxListpackEntries, &EncodingLimits::zset_max_listpack_entries},
    {Setting::kZsetMaxListpackValue, &EncodingLimits::zset_max_listpack_value},
    {Setting::kStreamNodeMaxBytes, &EncodingLimits::stream_node_max_bytes},
    {Setting::kStreamNodeMaxEntries, &EncodingLimits::stream_node_max_entries},
    {Setting::kHllSparseMaxBytes, &EncodingLimits::hll_sparse_max_bytes},
};

}  // namespace

Server::Server(const Options& options) : log_(options.log), limits_(options.encodings) {
  for (const LimitSetting& row : kLimits) {
    settings_.Put(row.id, limits_.*row.limit);
    settings_.OnChange(row.id, [this, row] {
      limits_.*row.limit = settings_.number(row.id);
      return Bytes();
    });
  }
  settings_.Put(Setting::kDatabases, std::max(options.databases, 1));
  settings_.Put(Setting::kRequirepass, options.requirepass);
  settings_.Put(Setting::kDir, options.dir);
  settings_.Put(Setting::kDbfilename, options.dbfilename);
  settings_.Put(Setting::kSave, options.save);
}

void Server::Log(LogLevel level, Bytes text) {
  if (log_ != nullptr && level >= settings_.choice<LogLevel>(Setting::kLoglevel)) log_->Log(level, text);
}

}  // namespace dualis::runtime
