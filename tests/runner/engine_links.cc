// The ways into an engine: as words, as tagged words, through the command's struct, as RESP bytes.
#include <charconv>
#include <stdexcept>

#include "engine/core/number_text.h"
#include "engine/resp/decoder.h"
#include "engine/resp/encoder.h"
#include "engine/resp/request_parser.h"
#include "tests/runner/engine_front.h"
#include "tests/runner/match.h"
#include "tests/runner/resp_reader.h"
#include "tests/runner/tree_sink.h"

namespace dualis::cases {
namespace {

// What all links do: submit to a session, and fetch messages behind replies. `Sink` is where replies go.
class SessionLink : public Link {
 public:
  SessionLink(Engine& engine, int protocol) : session_(engine.Connect()) {
    if (protocol == 2) return;
    TreeSink reply([] { return 3; });
    const Arg hello[] = {"HELLO", protocol};
    session_->Execute(Args(hello), reply);
    if (reply.Take().kind == ReplyTree::Kind::kError) {
      throw std::runtime_error("HELLO 3 is refused; mark the case `@ resp2`");
    }
  }

  bool closed() const override { return session_->closing(); }

 protected:
  Session& session() { return *session_; }

 private:
  std::unique_ptr<Session> session_;
};

class ArgvLink : public SessionLink {
 public:
  ArgvLink(Engine& engine, int protocol) : SessionLink(engine, protocol), replies_(Asker()), messages_(Asker()) {}

  // A parked command must not outlive the sink it fills.
  ~ArgvLink() override { session().Cancel(parked_); }

  void Send(const std::vector<std::string>& words) override {
    words_ = words;
    args_.clear();
    for (const std::string& word : words_) args_.push_back(Convert(word));
    Submit(args_);
  }

  bool Next(ReplyTree* out) override {
    if (session().killed()) return false;
    if (replies_.empty() && messages_.empty()) session().Deliver(messages_);
    TreeSink& from = replies_.empty() ? messages_ : replies_;
    if (from.empty()) return false;
    *out = from.Take();
    return true;
  }

 protected:
  virtual Arg Convert(const std::string& word) { return word; }
  void Submit(Args args) {
    parked_ = session().Submit(args, replies_, [] {});
  }
  TreeSink& replies() { return replies_; }

 private:
  std::function<int()> Asker() {
    return [this] { return session().protocol(); };
  }

  std::vector<std::string> words_;
  std::vector<Arg> args_;
  TreeSink replies_;
  TreeSink messages_;
  Ticket parked_ = 0;
};

class TaggedLink : public ArgvLink {
 public:
  using ArgvLink::ArgvLink;

 protected:
  Arg Convert(const std::string& word) override {
    if (const auto integer = ParseInt64(word)) return *integer;
    if (const auto number = ParseDouble(word)) {
      char buffer[Arg::kTextBytes];
      if (Arg(*number).Text(buffer) == word) return *number;
    }
    return word;
  }
};

// Leaves every name as it is.
class SameNames : public KeyMapper {
 public:
  Bytes MapKey(Bytes key) override { return key; }
  Bytes MapKeyPattern(Bytes glob) override { return glob; }
  Bytes MapChannel(Bytes channel) override { return channel; }
  Bytes MapChannelPattern(Bytes glob) override { return glob; }
  Bytes DefaultKeyPattern() override { return {}; }
};

class TypedLink : public ArgvLink {
 public:
  TypedLink(Engine& engine, int protocol) : ArgvLink(engine, protocol), engine_(engine) {}

  void Send(const std::vector<std::string>& words) override {
    std::vector<Arg> args(words.begin(), words.end());
    Error unknown;
    const CommandRow* row = engine_.commands().Find(args, &unknown);
    encoded_.Clear();
    SameNames same;
    // What does not parse has no struct; what a session refuses before parsing is its own business.
    if (row == nullptr || row->parse_and_map == nullptr || row->parse_and_map(args, same, encoded_)) {
      ArgvLink::Send(words);
    } else {
      Submit(encoded_.args());
    }
  }

 private:
  Engine& engine_;
  ArgList encoded_;
};

class RespLink : public SessionLink {
 public:
  RespLink(Engine& engine, int protocol)
      : SessionLink(engine, protocol),
        encoder_(&out_, [this] { return session().protocol(); }),
        decoded_([this] { return session().protocol(); }) {}

  ~RespLink() override { session().Cancel(parked_); }

  void Send(const std::vector<std::string>& words) override {
    const std::string request = EncodeRequest(words);
    // Portions of 1, 2, 3, ... bytes, so that every token is cut somewhere.
    size_t portion = 1;
    for (size_t at = 0; at < request.size(); at += portion++) {
      parser_.Feed(Bytes(request).substr(at, portion));
      while (true) {
        const auto state = parser_.Next();
        if (state == resp::RequestParser::State::kError) {
          throw std::runtime_error("the request parser says: " + std::string(parser_.error().message()));
        }
        if (state == resp::RequestParser::State::kMore) break;
        parked_ = session().Submit(parser_.args(), encoder_, [] {});
      }
    }
    if (parser_.pending_bytes() != 0) throw std::runtime_error("the request parser kept bytes back");
  }

  bool Next(ReplyTree* out) override {
    if (session().killed()) return false;
    if (out_.empty()) session().Deliver(encoder_);
    if (!out_.empty()) {
      Decode(out_);
      reader_.Feed(out_);
      out_.clear();
    }
    auto read = reader_.Next();
    if (!read) return false;
    if (decoded_.empty()) throw std::runtime_error("the decoder saw less than the tests' reader");
    const ReplyTree decoded = decoded_.Take();
    if (!Matches(*read, decoded, Order::kAsGiven)) {
      std::string both = "the decoder differs from the tests' reader:";
      for (const std::string& line : PrintReply(decoded)) both += "\n      " + line;
      throw std::runtime_error(both);
    }
    *out = *std::move(read);
    return true;
  }

 private:
  void Decode(Bytes bytes) {
    size_t end = 1;
    while (!bytes.empty()) {
      size_t used = 0;
      const auto state = decoder_.Decode(bytes.substr(0, end), &used, &decoded_, &decoded_);
      if (state == resp::ReplyDecoder::State::kError) {
        throw std::runtime_error("the decoder says: " + std::string(decoder_.error().message()));
      }
      bytes.remove_prefix(used);
      if (state != resp::ReplyDecoder::State::kMore) {
        end = 1;
      } else if (end >= bytes.size() && used == 0) {
        throw std::runtime_error("the decoder wants more than a whole reply");
      } else {
        end += 7;
      }
    }
  }

  std::string out_;
  resp::Encoder encoder_;
  resp::RequestParser parser_;
  resp::ReplyDecoder decoder_;
  RespReader reader_;
  TreeSink decoded_;
  Ticket parked_ = 0;
};

}  // namespace

std::unique_ptr<Link> MakeArgvLink(const Home& home, int protocol) {
  return std::make_unique<ArgvLink>(*home.engine, protocol);
}
std::unique_ptr<Link> MakeTaggedLink(const Home& home, int protocol) {
  return std::make_unique<TaggedLink>(*home.engine, protocol);
}
std::unique_ptr<Link> MakeTypedLink(const Home& home, int protocol) {
  return std::make_unique<TypedLink>(*home.engine, protocol);
}
std::unique_ptr<Link> MakeRespLink(const Home& home, int protocol) {
  return std::make_unique<RespLink>(*home.engine, protocol);
}

}  // namespace dualis::cases
