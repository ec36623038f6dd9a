// The ways into an engine that C programs take: libhiredis with an embedded endpoint.
#include <hiredis/hiredis.h>
#include <poll.h>

#include <stdexcept>

#include "tests/runner/engine_front.h"

namespace dualis::cases {
namespace {

using Kind = ReplyTree::Kind;

struct Free {
  void operator()(redisContext* context) const { redisFree(context); }
  void operator()(redisReply* reply) const { freeReplyObject(reply); }
};
using Reply = std::unique_ptr<redisReply, Free>;

ReplyTree TreeOf(const redisReply& r) {
  const Bytes text(r.str == nullptr ? "" : r.str, r.str == nullptr ? 0 : r.len);
  std::vector<ReplyTree> children;
  for (size_t i = 0; i < r.elements; ++i) children.push_back(TreeOf(*r.element[i]));
  switch (r.type) {
    case REDIS_REPLY_STRING:
      return ReplyTree::Bulk(text);
    case REDIS_REPLY_STATUS:
      return ReplyTree::Status(text);
    case REDIS_REPLY_ERROR:
      return ReplyTree::Error(text);
    case REDIS_REPLY_INTEGER:
      return ReplyTree::Integer(r.integer);
    case REDIS_REPLY_NIL:
      return ReplyTree::Of(Kind::kNull);
    case REDIS_REPLY_DOUBLE:
      return ReplyTree::Double(text);
    case REDIS_REPLY_BOOL:
      return ReplyTree::Bool(r.integer != 0);
    case REDIS_REPLY_BIGNUM:
      return {Kind::kBigNumber, Kind::kNull, std::string(text)};
    case REDIS_REPLY_VERB:
      return {Kind::kVerbatim, Kind::kNull, std::string(text), std::string(r.vtype)};
    case REDIS_REPLY_ARRAY:
      return ReplyTree::Aggregate(Kind::kArray, std::move(children));
    case REDIS_REPLY_SET:
      return ReplyTree::Aggregate(Kind::kSet, std::move(children));
    case REDIS_REPLY_MAP:
      return ReplyTree::Aggregate(Kind::kMap, std::move(children));
    case REDIS_REPLY_PUSH:
      return ReplyTree::Aggregate(Kind::kPush, std::move(children));
    default:
      throw std::runtime_error("a redisReply of unknown type " + std::to_string(r.type));
  }
}

// Words as hiredis takes them; borrows.
struct Argv {
  explicit Argv(const std::vector<std::string>& words) {
    for (const std::string& word : words) {
      texts.push_back(word.data());
      lengths.push_back(word.size());
    }
  }
  int count() const { return static_cast<int>(texts.size()); }

  std::vector<const char*> texts;
  std::vector<size_t> lengths;
};

class HiredisLink : public Link {
 public:
  HiredisLink(const Home& home, int protocol, int options) {
    const std::string url = "mem://" + home.name;
    redisOptions how{};
    REDIS_OPTIONS_SET_TCP(&how, url.c_str(), 0);
    how.options = options | REDIS_OPT_NO_PUSH_AUTOFREE;
    context_.reset(redisConnectWithOptions(&how));
    if (context_ == nullptr || context_->err != 0) throw std::runtime_error("redisConnectWithOptions failed");
    protocol_ = protocol;
  }

  bool closed() const override { return context_->err != 0; }

 protected:
  redisContext* context() { return context_.get(); }
  // To be called by constructors: the first command, so that it takes the path of all others.
  void Greet() {
    if (protocol_ == 2) return;
    Send({"HELLO", std::to_string(protocol_)});
    ReplyTree reply;
    if (!Next(&reply) || reply.kind == Kind::kError)
      throw std::runtime_error("HELLO 3 is refused; mark the case `@ resp2`");
  }

 private:
  std::unique_ptr<redisContext, Free> context_;
  int protocol_ = 2;
};

class CommandLink final : public HiredisLink {
 public:
  CommandLink(const Home& home, int protocol) : HiredisLink(home, protocol, 0) { Greet(); }

  void Send(const std::vector<std::string>& words) override {
    Argv argv(words);
    reply_.reset(
        static_cast<redisReply*>(redisCommandArgv(context(), argv.count(), argv.texts.data(), argv.lengths.data())));
    if (reply_ == nullptr) throw std::runtime_error("redisCommandArgv: " + std::string(context()->errstr));
  }

  bool Next(ReplyTree* out) override {
    if (reply_ == nullptr) return false;
    *out = TreeOf(*reply_);
    reply_.reset();
    return true;
  }

 private:
  Reply reply_;
};

class LoopLink final : public HiredisLink {
 public:
  LoopLink(const Home& home, int protocol) : HiredisLink(home, protocol, REDIS_OPT_NONBLOCK) { Greet(); }

  void Send(const std::vector<std::string>& words) override {
    Argv argv(words);
    if (redisAppendCommandArgv(context(), argv.count(), argv.texts.data(), argv.lengths.data()) != REDIS_OK) {
      throw std::runtime_error("redisAppendCommandArgv: " + std::string(context()->errstr));
    }
    for (int done = 0; done == 0;) {
      if (redisBufferWrite(context(), &done) != REDIS_OK) {
        throw std::runtime_error("redisBufferWrite: " + std::string(context()->errstr));
      }
    }
  }

  bool Next(ReplyTree* out) override {
    while (context()->err == 0) {
      void* got = nullptr;
      if (redisGetReplyFromReader(context(), &got) != REDIS_OK) break;
      if (got != nullptr) {
        const Reply reply(static_cast<redisReply*>(got));
        *out = TreeOf(*reply);
        return true;
      }
      pollfd readable{context()->fd, POLLIN, 0};
      if (poll(&readable, 1, 0) <= 0) return false;
      redisBufferRead(context());
    }
    return false;
  }
};

}  // namespace

std::unique_ptr<Link> MakeHiredisLink(const Home& home, int protocol) {
  return std::make_unique<CommandLink>(home, protocol);
}

std::unique_ptr<Link> MakeHiredisLoopLink(const Home& home, int protocol) {
  return std::make_unique<LoopLink>(home, protocol);
}

std::optional<LeftOut> HiredisRefuses(const Case& c) {
  const Needs needs = NeedsOf(c);
  if (needs.pubsub) return LeftOut::kPubSub;
  if (needs.blocking) return LeftOut::kBlocking;
  return std::nullopt;
}

ReplyTree HiredisNarrow(const std::vector<std::string>&, ReplyTree expected) { return ImpliedInResp3(expected); }

}  // namespace dualis::cases
