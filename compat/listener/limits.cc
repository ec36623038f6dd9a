#include "compat/listener/limits.h"

#include <vector>

#include "engine/command/server_ops.h"
#include "engine/core/number_text.h"
#include "engine/runtime/engine_impl.h"

namespace dualis::listener {
namespace {

// "normal 0 0 0 slave 268435456 67108864 60 pubsub 33554432 8388608 60", which the engine has checked.
void ReadOutputLimits(Bytes text, Limits& limits) {
  std::vector<Bytes> words;
  while (!text.empty()) {
    const size_t end = std::min(text.find(' '), text.size());
    if (end > 0) words.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  for (size_t i = 0; i + 3 < words.size(); i += 4) {
    const auto number = [&](size_t at) { return ParseInt64(words[i + at]).value_or(0); };
    OutputLimit& limit = words[i] == "normal" ? limits.normal : words[i] == "pubsub" ? limits.pubsub : limits.replica;
    limit = {static_cast<uint64_t>(number(1)), static_cast<uint64_t>(number(2)), number(3)};
  }
}

}  // namespace

LimitReader::LimitReader(Engine& engine) : engine_(engine) {
  const runtime::Inside inside(engine_.impl().gate());
  hook_ = engine_.server().settings().OnChange(Setting::kClientOutputBufferLimit, [this] {
    changed_.store(true);
    return Bytes();
  });
}

LimitReader::~LimitReader() {
  const runtime::Inside inside(engine_.impl().gate());
  engine_.server().settings().RemoveHook(hook_);
}

void LimitReader::Refresh(Limits& limits) {
  const Settings& settings = engine_.server().settings();
  limits.query_buffer = static_cast<uint64_t>(settings.number(Setting::kClientQueryBufferLimit));
  limits.bulk_bytes = settings.number(Setting::kProtoMaxBulkLen);
  limits.idle_seconds = settings.number(Setting::kTimeout);
  limits.clients = static_cast<size_t>(settings.number(Setting::kMaxclients));
  limits.keepalive_seconds = static_cast<int>(settings.number(Setting::kTcpKeepalive));
  limits.protected_mode = settings.flag(Setting::kProtectedMode);
  if (!changed_.exchange(false)) return;
  const runtime::InsideAnyhow inside(engine_.impl().gate());
  ReadOutputLimits(settings.text(Setting::kClientOutputBufferLimit), limits);
}

}  // namespace dualis::listener
