// The two readers of RESP: what they make of bytes must not depend on the portions in which the bytes arrive. Replies
// that were read are written and read again.
#include "engine/core/rng.h"
#include "engine/resp/decoder.h"
#include "engine/resp/encoder.h"
#include "engine/resp/request_parser.h"
#include "tests/fuzz/fuzz.h"

namespace {

using dualis::Bytes;
using dualis::Rng;
using dualis::resp::Encoder;
using dualis::resp::ReplyDecoder;
using dualis::resp::RequestParser;

// The decoder's result: complete replies as RESP3, then what it ended with.
struct Decoded {
  std::vector<std::string> replies;  // pushes are marked
  std::string end;
  bool operator==(const Decoded&) const = default;
};

// At most `portion` bytes more at a time; 0: all at once.
Decoded Decode(const std::string& input, uint64_t seed, bool portions) {
  const ReplyDecoder::Limits limits{.depth = 64, .elements = 1 << 20, .bulk_bytes = 1 << 20};
  ReplyDecoder decoder(limits);
  Decoded result;
  Rng rng(seed);
  std::string reply, push;
  Encoder reply_out(&reply, 3), push_out(&push, 3);
  size_t begin = 0, known = portions ? 0 : input.size();
  for (;;) {
    size_t used = 0;
    const auto state = decoder.Decode(Bytes(input).substr(begin, known - begin), &used, &reply_out, &push_out);
    dualis::fuzz::Check(used <= known - begin, "more bytes used than there were");
    begin += used;
    switch (state) {
      case ReplyDecoder::State::kReply:
        result.replies.push_back(reply);
        reply.clear();
        break;
      case ReplyDecoder::State::kPush:
        result.replies.push_back("push " + push);
        push.clear();
        break;
      case ReplyDecoder::State::kError:
        result.end = decoder.error().message();
        return result;
      case ReplyDecoder::State::kMore:
        dualis::fuzz::Check(decoder.wanted() > known - begin, "nothing more is wanted, yet nothing was read");
        if (known == input.size()) {
          result.end = decoder.idle() ? "idle" : "open";
          return result;
        }
        known = std::min(input.size(), known + 1 + rng.Uniform(rng.Uniform(8) == 0 ? 4096 : 6));
    }
  }
}

std::string Requests(const std::string& input, uint64_t seed, bool portions, bool unauthenticated) {
  RequestParser parser({.line_bytes = 1 << 12, .bulk_bytes = 1 << 20});
  parser.set_unauthenticated(unauthenticated);
  Rng rng(seed);
  std::string all;
  for (size_t at = 0; at < input.size();) {
    const size_t portion = portions ? std::min<size_t>(input.size() - at, 1 + rng.Uniform(6)) : input.size();
    parser.Feed(Bytes(input).substr(at, portion));
    at += portion;
    for (;;) {
      const auto state = parser.Next();
      if (state == RequestParser::State::kMore) break;
      if (state == RequestParser::State::kError) return all + std::string(parser.error().message());
      dualis::fuzz::Check(!parser.args().empty(), "a command without words");
      for (const dualis::Arg& arg : parser.args()) {
        char buffer[dualis::Arg::kTextBytes];
        const Bytes text = arg.Text(buffer);
        all += std::to_string(text.size()) + ':' + std::string(text) + ' ';
      }
      all += '\n';
    }
  }
  return all;
}

}  // namespace

std::vector<std::string> dualis::fuzz::Seeds() {
  return {
      "+OK\r\n-ERR x\r\n:42\r\n$3\r\nabc\r\n$-1\r\n*2\r\n:1\r\n*-1\r\n",
      "%1\r\n+a\r\n,3.5\r\n~2\r\n#t\r\n#f\r\n(12345678901234567890\r\n=7\r\ntxt:abc\r\n_\r\n!5\r\nERR x\r\n",
      ">2\r\n+message\r\n$1\r\nx\r\n|1\r\n+ttl\r\n:5\r\n*1\r\n|1\r\n+a\r\n+b\r\n:7\r\n,inf\r\n,-nan\r\n",
      "*1\r\n*1\r\n*1\r\n*1\r\n*0\r\n%0\r\n~0\r\n>0\r\n$0\r\n\r\n",
      "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$2\r\nvv\r\nPING\r\n*1\r\n$4\r\nPING\r\n\r\n*0\r\n*-1\r\nGET \"a b\\x41\\n\" "
      "'it\\'s'\n",
      "SET k \"unbalanced\r\n*2\r\n$3\r\nGET\r\n$-5\r\n*1000000000\r\n:1\r\n",
      "*1\r\n$536870913\r\n*2147483648\r\n$?\r\n;4\r\nabcd\r\n;0\r\n*?\r\n.\r\n",
  };
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace dualis;  // NOLINT(google-build-using-namespace)
  const std::string input(reinterpret_cast<const char*>(data), size);
  const uint64_t seed = size == 0 ? 1 : data[size - 1] + size;
  const Decoded whole = Decode(input, seed, false);
  fuzz::Check(Decode(input, seed, true) == whole, "replies depend on the portions");
  for (const std::string& reply : whole.replies) {
    if (reply.starts_with("push ")) continue;
    const Decoded again = Decode(reply, seed, false);
    fuzz::Check(again.end == "idle" && again.replies == std::vector<std::string>{reply}, "a reply written and read");
  }
  for (const bool unauthenticated : {false, true}) {
    fuzz::Check(Requests(input, seed, false, unauthenticated) == Requests(input, seed, true, unauthenticated),
                "requests depend on the portions");
  }
  return 0;
}
