#include "compat/listener/limits.h"

#include "engine/command/server_ops.h"
#include "engine/runtime/engine_impl.h"

namespace dualis::listener {

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
  limits.output = ReadOutputLimits(settings.text(Setting::kClientOutputBufferLimit));
}

}  // namespace dualis::listener
