// The steps of SCAN, HSCAN, SSCAN and ZSCAN behind the ranges of dualis/scan.h.
#include "dualis/scan.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "dualis/client.h"

namespace dualis {
namespace {

std::string Plain(std::string text) { return text; }
std::string Plain(KeyName key) { return std::move(key.name); }
template <class A, class B>
std::pair<A, B> Plain(std::pair<A, B> couple) {
  return couple;
}

// `T` is what the range gives, `Element` what the reply has.
template <class T, class Element>
class ScanSteps final : public ScanRangeOf<T>::Steps {
 public:
  ScanSteps(Client client, std::vector<std::string> words, ScanOptions options)
      : client_(std::move(client)), words_(std::move(words)), options_(std::move(options)) {}

  Result<bool> Next(std::vector<T>& batch) override {
    std::vector<Arg> words(words_.begin(), words_.end());
    words.push_back(cursor_);
    if (!options_.match.empty()) words.insert(words.end(), {"MATCH", options_.match});
    words.insert(words.end(), {"COUNT", options_.count > 0 ? options_.count : count_});
    if (!options_.type.empty()) words.insert(words.end(), {"TYPE", options_.type});
    count_ = std::min<int64_t>(2 * count_, 1000);
    Into<std::tuple<std::string, std::vector<Element>>> sink;
    if (Error error = client_.Call(Args(words), sink)) return error;
    auto step = std::move(sink).Take();
    if (!step) return step.error();
    cursor_ = std::get<0>(*step);
    for (Element& element : std::get<1>(*step)) batch.push_back(Plain(std::move(element)));
    return cursor_ != "0";
  }

 private:
  const Client client_;
  const std::vector<std::string> words_;
  const ScanOptions options_;
  std::string cursor_ = "0";
  int64_t count_ = 10;
};

template <class T, class Element = T>
ScanRangeOf<T> Range(const Client& client, std::vector<std::string> words, ScanOptions options) {
  return ScanRangeOf<T>(std::make_unique<ScanSteps<T, Element>>(client, std::move(words), std::move(options)));
}

}  // namespace

ScanRange Client::scan_iter(ScanOptions options) const {
  return Range<std::string, KeyName>(*this, {"SCAN"}, std::move(options));
}

ScanRange Client::sscan_iter(const std::string& key, ScanOptions options) const {
  return Range<std::string>(*this, {"SSCAN", key}, std::move(options));
}

FieldScanRange Client::hscan_iter(const std::string& key, ScanOptions options) const {
  return Range<std::pair<std::string, std::string>>(*this, {"HSCAN", key}, std::move(options));
}

ScoreScanRange Client::zscan_iter(const std::string& key, ScanOptions options) const {
  return Range<std::pair<std::string, double>>(*this, {"ZSCAN", key}, std::move(options));
}

}  // namespace dualis
