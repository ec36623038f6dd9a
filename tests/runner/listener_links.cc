// The way in through a socket: a listener of the link's own in front of the engine, served on the runner's thread, and
// a socketpair, whose bytes are at the other end as soon as they are written. So nothing here waits, or can be early.
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>

#include "dualis/listener.h"
#include "tests/runner/engine_front.h"
#include "tests/runner/resp_reader.h"

namespace dualis::cases {
namespace {

class ListenerLink : public Link {
 public:
  ListenerLink(Engine& engine, int protocol) {
    ListenerOptions options;
    options.port = std::nullopt;
    auto listener = Listener::Open(engine, options);
    if (!listener) throw std::runtime_error(std::string(listener.error().message()));
    listener_ = *std::move(listener);
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) != 0) {
      throw std::runtime_error("no socketpair");
    }
    fd_ = ends[0];
    listener_->Adopt(ends[1]);
    if (protocol == 2) return;
    Send({"HELLO", std::to_string(protocol)});
    ReplyTree reply;
    if (!Next(&reply) || reply.kind == ReplyTree::Kind::kError) {
      throw std::runtime_error("HELLO 3 is refused; mark the case `@ resp2`");
    }
  }

  ~ListenerLink() override { close(fd_); }

  void Send(const std::vector<std::string>& words) override {
    const std::string request = EncodeRequest(words);
    for (size_t at = 0; at < request.size();) {
      const ssize_t n = send(fd_, request.data() + at, request.size() - at, MSG_NOSIGNAL);
      if (n > 0) at += static_cast<size_t>(n);
      if (n < 0 && errno != EAGAIN) return;  // closed: Next finds out
      Serve();
    }
  }

  bool Next(ReplyTree* out) override {
    Serve();
    auto reply = reader_.Next();
    if (!reply) return false;
    *out = *std::move(reply);
    return true;
  }

  bool closed() const override { return closed_ && reader_.empty(); }

 private:
  // Rounds of the listener, until one brings nothing.
  void Serve() {
    for (bool more = true; more;) {
      listener_->RunOnce(std::chrono::milliseconds(0));
      listener_->RunOnce(std::chrono::milliseconds(0));
      char buffer[65536];
      const ssize_t n = recv(fd_, buffer, sizeof(buffer), 0);
      if (n == 0) closed_ = true;
      more = n > 0;
      if (more) reader_.Feed({buffer, static_cast<size_t>(n)});
    }
  }

  std::unique_ptr<Listener> listener_;
  int fd_ = -1;
  bool closed_ = false;
  RespReader reader_;
};

}  // namespace

std::unique_ptr<Link> MakeListenerLink(const Home& home, int protocol) {
  return std::make_unique<ListenerLink>(*home.engine, protocol);
}

}  // namespace dualis::cases
