// A backend of one's own: it wraps another one and counts the commands that pass, by name. The Client above it keeps
// all its methods, pipelines and prefixes, because a backend sees requests and sinks, not commands.
//
//   custom_backend [URL]
#include <iostream>
#include <map>
#include <mutex>

#include "examples/parts/home.h"

namespace {

using dualis::CallOptions;
using dualis::Error;
using dualis::ReplySink;
using dualis::Request;
using dualis::Result;

class CountingBackend final : public dualis::Backend {
 public:
  // Keeps the wrapped client, and with it its backend, alive.
  explicit CountingBackend(dualis::Client inner) : client_(std::move(inner)), inner_(client_.backend()) {}

  Error Execute(const Request& request, ReplySink& sink, const CallOptions& options) override {
    Count(request);
    return inner_.Execute(request, sink, options);
  }
  Result<dualis::Executed> ExecuteAll(const dualis::CommandBuffer& commands, std::span<ReplySink* const> sinks,
                                      dualis::Atomicity atomicity, const CallOptions& options) override {
    for (size_t i = 0; i < commands.size(); ++i) Count(commands[i]);
    return inner_.ExecuteAll(commands, sinks, atomicity, options);
  }
  dualis::Ticket Submit(const Request& request, ReplySink& sink, const CallOptions& options,
                        std::function<void(const Error&)> done) override {
    Count(request);
    return inner_.Submit(request, sink, options, std::move(done));
  }
  void Cancel(dualis::Ticket ticket) override { inner_.Cancel(ticket); }
  Result<std::unique_ptr<dualis::MessageSource>> Subscribe() override { return inner_.Subscribe(); }
  Result<std::unique_ptr<Backend>> Pin(const CallOptions& options) override { return inner_.Pin(options); }
  const dualis::CommandTable& commands() const override { return inner_.commands(); }
  dualis::Engine* engine() override { return inner_.engine(); }

  std::map<std::string, int> counts() const {
    const std::lock_guard lock(mutex_);
    return counts_;
  }

 private:
  void Count(const Request& request) {
    const std::lock_guard lock(mutex_);
    ++counts_[request.row() == nullptr ? "?" : std::string(request.row()->name())];
  }

  dualis::Client client_;
  Backend& inner_;
  mutable std::mutex mutex_;
  std::map<std::string, int> counts_;  // guarded by mutex_
};

}  // namespace

int main(int argc, char** argv) {
  const dualis::Client home = examples::Home(argc > 1 ? argv[1] : "", "counting");
  auto counting = std::make_shared<CountingBackend>(home);
  dualis::Client client(counting, home.prefix());

  for (int i = 0; i < 3; ++i) examples::OrDie(client.incr("hits"));
  dualis::Pipeline batch = client.pipeline();
  batch.get("hits");
  batch.del("hits");
  examples::OrDie(batch.execute());

  for (const auto& [name, count] : counting->counts()) std::cout << name << " " << count << "\n";
}
