// The steps of SCAN behind the range of dualis/scan.h.
#include "dualis/scan.h"

#include <algorithm>
#include <utility>

#include "dualis/client.h"

namespace dualis {
namespace {

class KeySteps final : public ScanRange::Steps {
 public:
  KeySteps(Client client, ScanOptions options) : client_(std::move(client)), options_(std::move(options)) {}

  Result<bool> Next(std::vector<std::string>& batch) override {
    cmd::Scan scan{cursor_};
    if (!options_.match.empty()) scan.match = KeyPattern(options_.match);
    if (!options_.type.empty()) scan.type = Bytes(options_.type);
    scan.count = options_.count > 0 ? options_.count : count_;
    count_ = std::min<int64_t>(2 * count_, 1000);
    Result<cmd::ScanReply> step = client_.Run(scan);
    if (!step) return step.error();
    for (KeyName& key : step->keys) batch.push_back(std::move(key.name));
    cursor_ = std::move(step->cursor);
    return cursor_ != "0";
  }

 private:
  const Client client_;
  const ScanOptions options_;
  std::string cursor_ = "0";
  int64_t count_ = 10;
};

}  // namespace

ScanRange Client::scan_iter(ScanOptions options) const {
  return ScanRange(std::make_unique<KeySteps>(*this, std::move(options)));
}

}  // namespace dualis
