// What the tests of the listener share: an engine behind a listener with a thread of its own, and a client that speaks
// bytes. A client waits for what must come, ten seconds at most; nothing here sleeps.
#ifndef DUALIS_TESTS_COMPAT_LISTENER_FIXTURE_H_
#define DUALIS_TESTS_COMPAT_LISTENER_FIXTURE_H_

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "compat/wire/socket.h"
#include "dualis/listener.h"
#include "tests/runner/resp_reader.h"

namespace dualis::test {

using cases::ReplyTree;

class RawClient {
 public:
  static RawClient Tcp(int port, const char* host = "127.0.0.1") {
    wire::Failure failure;
    return RawClient(wire::ConnectTcp(host, port, {}, wire::In(std::chrono::seconds(10)), &failure));
  }
  static RawClient Unix(const std::string& path) {
    wire::Failure failure;
    return RawClient(wire::ConnectUnix(path, true, wire::In(std::chrono::seconds(10)), &failure));
  }
  explicit RawClient(int fd) : fd_(fd) {
    if (fd < 0) throw std::runtime_error("cannot connect");
  }
  RawClient(RawClient&& other) noexcept : fd_(std::exchange(other.fd_, -1)), reader_(std::move(other.reader_)) {}
  ~RawClient() { Close(); }

  void Close() {
    if (fd_ >= 0) close(fd_);
    fd_ = -1;
  }
  int fd() const { return fd_; }

  // False if the server has closed.
  bool Send(const std::string& bytes) {
    wire::Failure failure;
    return wire::WriteAll(fd_, bytes, wire::In(std::chrono::seconds(30)), &failure);
  }
  bool SendCommand(const std::vector<std::string>& words) { return Send(cases::EncodeRequest(words)); }

  // The next reply; Kind::kClosed once the server has closed. Throws after ten seconds.
  ReplyTree Next() {
    while (true) {
      if (auto reply = reader_.Next()) return *std::move(reply);
      char buffer[65536];
      wire::Failure failure;
      const ssize_t n = wire::ReadSome(fd_, buffer, sizeof(buffer), wire::In(std::chrono::seconds(10)), &failure);
      if (n > 0) {
        reader_.Feed({buffer, static_cast<size_t>(n)});
      } else if (failure.kind == wire::Failure::Kind::kTimeout) {
        throw std::runtime_error("no reply");
      } else {
        return ReplyTree::Of(ReplyTree::Kind::kClosed);
      }
    }
  }
  ReplyTree Ask(const std::vector<std::string>& words) {
    SendCommand(words);
    return Next();
  }
  // One reply as one text: "OK", "(error) ERR ...", "(closed)".
  std::string Text(const std::vector<std::string>& words) { return Print(Ask(words)); }
  std::string NextText() { return Print(Next()); }
  static std::string Print(const ReplyTree& reply) {
    std::string text;
    for (const std::string& line : cases::PrintReply(reply)) text += (text.empty() ? "" : "\n") + line;
    return text;
  }

  // Everything until the server closes.
  std::string ReadToEnd() {
    std::string all;
    char buffer[65536];
    wire::Failure failure;
    ssize_t n;
    while ((n = wire::ReadSome(fd_, buffer, sizeof(buffer), wire::In(std::chrono::seconds(10)), &failure)) > 0) {
      all.append(buffer, static_cast<size_t>(n));
    }
    if (failure.kind == wire::Failure::Kind::kTimeout) all += "(the connection stays open)";
    return all;
  }

 private:
  int fd_;
  cases::RespReader reader_;
};

// An engine and a listener that serves it on a thread of its own.
class ServedEngine {
 public:
  explicit ServedEngine(Options options = {}, ListenerOptions sockets = {})
      : engine(Engine::Create(std::move(options))), listener(Open(*engine, std::move(sockets))) {
    listener->Start();
  }

  static std::unique_ptr<Listener> Open(Engine& engine, ListenerOptions sockets) {
    auto opened = Listener::Open(engine, std::move(sockets));
    if (!opened) throw std::runtime_error(std::string(opened.error().message()));
    return *std::move(opened);
  }
  RawClient Connect() { return RawClient::Tcp(listener->port()); }

  std::unique_ptr<Engine> engine;
  std::unique_ptr<Listener> listener;
};

// A folder that goes with the test.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "dualis-listener-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
    path_ = name;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace dualis::test

#endif  // DUALIS_TESTS_COMPAT_LISTENER_FIXTURE_H_
