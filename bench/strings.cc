// GET, SET and MGET in the process, against a map: with everything in the cache, and with nothing in it.
#include <memory>
#include <string>
#include <vector>

#include "bench/figure.h"
#include "bench/map_peer.h"
#include "dualis/client.h"

namespace dualis::bench {
namespace {

constexpr size_t kHotKeys = 1000;
constexpr size_t kColdKeys = 1'000'000;
const std::string kValue = "0123456789abcdef";

// The same keys at both sides.
struct Sides {
  Sides(size_t keys, size_t key_size) : keys(keys), text(key_size), client(Client::Connect("mem://").value()) {
    for (size_t i = 0; i < keys; ++i) {
      client.set(text(i), kValue).value();
      map.Set(text(i), kValue);
    }
  }
  const std::string& Any() { return text(luck.Below(keys)); }

  size_t keys;
  KeyText text;
  Luck luck{1};
  Client client;
  MapPeer map;
};

Measured Gets(const Plan& plan, size_t keys, size_t key_size) {
  Sides sides(keys, key_size);
  const size_t n = plan.Scale(1'000'000, 5);
  return Alternate(
      plan,
      [&] {
        return TimePer(n, [&] {
          for (size_t i = 0; i < n; ++i) Keep(sides.client.get(sides.Any()));
        });
      },
      [&] {
        return TimePer(n, [&] {
          for (size_t i = 0; i < n; ++i) Keep(sides.map.Get(sides.Any()));
        });
      });
}

Measured Sets(const Plan& plan, size_t keys) {
  Sides sides(keys, 16);
  const size_t n = plan.Scale(1'000'000, 5);
  return Alternate(
      plan,
      [&] {
        return TimePer(n, [&] {
          for (size_t i = 0; i < n; ++i) Keep(sides.client.set(sides.Any(), kValue));
        });
      },
      [&] {
        return TimePer(n, [&] {
          for (size_t i = 0; i < n; ++i) sides.map.Set(sides.Any(), kValue);
        });
      });
}

// Appends every value to one buffer that its caller owns.
class BufferSink : public ReplySink {
 public:
  explicit BufferSink(std::string& out) : out_(out) {}
  void Null() override {}
  void Int(int64_t) override {}
  void Double(double) override {}
  void Bulk(Bytes value) override { out_.append(value); }
  void Simple(Bytes) override {}
  void Error(const dualis::Error&) override {}
  void Begin(Shape, size_t) override {}
  void End() override {}

 private:
  std::string& out_;
};

Measured MGets(const Plan& plan, bool typed) {
  constexpr size_t kBatch = 64;
  Sides sides(kColdKeys, 16);
  const size_t batches = plan.Scale(20'000, 5);
  std::string buffer;
  std::vector<std::string> names(kBatch);
  std::vector<Key> keys(kBatch);
  auto draw = [&] {
    for (size_t i = 0; i < kBatch; ++i) keys[i] = Key(names[i] = sides.Any());
    buffer.clear();
  };
  return Alternate(
      plan,
      [&] {
        return TimePer(batches * kBatch, [&] {
          for (size_t b = 0; b < batches; ++b) {
            draw();
            if (typed) {
              Keep(sides.client.Run(cmd::MGet{keys}));
            } else {
              BufferSink sink(buffer);
              Keep(sides.client.Call(Request(Command(cmd::MGet{keys})), sink));
            }
          }
        });
      },
      [&] {
        return TimePer(batches * kBatch, [&] {
          for (size_t b = 0; b < batches; ++b) {
            draw();
            for (const std::string& name : names) buffer.append(*sides.map.Get(name));
          }
        });
      });
}

}  // namespace

std::vector<Figure> StringFigures() {
  return {
      {"get_hot", "typed GET, 1 000 keys; a map under a mutex", [](const Plan& p) { return Gets(p, kHotKeys, 16); }},
      {"set_hot", "typed SET over 1 000 keys; the same", [](const Plan& p) { return Sets(p, kHotKeys); }},
      {"get_cold", "typed GET, a million keys in random order", [](const Plan& p) { return Gets(p, kColdKeys, 16); }},
      {"set_cold", "typed SET over a million keys", [](const Plan& p) { return Sets(p, kColdKeys); }},
      {"get_cold15", "keys of 15 bytes, which the map keeps inline",
       [](const Plan& p) { return Gets(p, kColdKeys, 15); }},
      {"mget_cold", "MGET of 64 of a million keys into one buffer, per key; single look-ups",
       [](const Plan& p) { return MGets(p, false); }},
      {"mget_cold_typed", "the same into a vector of optional strings", [](const Plan& p) { return MGets(p, true); }},
  };
}

}  // namespace dualis::bench
