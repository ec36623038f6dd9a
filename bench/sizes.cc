// What collections take, per element, and how large the library and an idle server are.
#include <malloc.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

#include "bench/figure.h"
#include "dualis/client.h"
#include "tests/client/private_server.h"

namespace dualis::bench {
namespace {

constexpr size_t kShort = 10;
constexpr size_t kLong = 100'000;

// What the allocator has given out.
size_t AllocatedBytes() {
  const struct mallinfo2 now = mallinfo2();
  return now.uordblks + now.hblkhd;
}

size_t UsedMemory(Client& server) {
  const std::string info = server.command_as<std::string>({"INFO", "memory"}).value();
  const std::string name = "used_memory:";
  return std::stoull(info.substr(info.find(name) + name.size()));
}

// `add(batch, key, text)` puts one element, whose 16 bytes are `text`, into the collection at `key`.
template <class Add>
void Fill(Client& client, size_t collections, size_t elements, const Add& add) {
  KeyText text(16);
  Pipeline batch = client.pipeline();
  for (size_t c = 0; c < collections; ++c) {
    const std::string key = "collection:" + std::to_string(c);
    for (size_t i = 0; i < elements; ++i) {
      add(batch, key, text(c * elements + i));
      if (batch.size() == 1000) batch.execute().value();
    }
  }
  batch.execute().value();
}

template <class Add>
Measured PerElement(const Plan& plan, size_t elements, const Add& add) {
  const size_t collections = elements == kLong ? 1 : plan.Scale(20'000);
  const auto all = static_cast<double>(collections * elements);
  Client memory = Client::Connect("mem://").value();
  const size_t before = AllocatedBytes();
  Fill(memory, collections, elements, add);
  const double ours = static_cast<double>(AllocatedBytes() - before) / all;

  test::PrivateServer server;
  Client remote = Client::Connect(server.url()).value();
  const size_t peer_before = UsedMemory(remote);
  Fill(remote, collections, elements, add);
  return {ours, static_cast<double>(UsedMemory(remote) - peer_before) / all, "bytes"};
}

const auto kHash = [](Pipeline& batch, const std::string& key, const std::string& text) {
  batch.hset(key, {{text, "value"}});
};
const auto kList = [](Pipeline& batch, const std::string& key, const std::string& text) { batch.rpush(key, text); };
const auto kSet = [](Pipeline& batch, const std::string& key, const std::string& text) { batch.sadd(key, text); };
const auto kSortedSet = [](Pipeline& batch, const std::string& key, const std::string& text) {
  batch.zadd(key, {{static_cast<double>(text.back()), text}});
};

Measured LibrarySize(const Plan&) {
  return {static_cast<double>(std::filesystem::file_size(DUALIS_WHOLE_LIBRARY)) / 1024, std::nullopt, "KiB"};
}

// The pages that belong to the process alone, as the kernel counts them.
double AnonymousKibibytes(pid_t process) {
  std::ifstream in("/proc/" + std::to_string(process) + "/status");
  std::string word;
  while (in >> word) {
    double kibibytes = 0;
    if (word == "RssAnon:" && in >> kibibytes) return kibibytes;
  }
  throw std::runtime_error("the kernel does not tell RssAnon");
}

Measured ServerSize(const Plan&) {
  test::PrivateServer ours{{}, DUALIS_SERVER}, peer;
  return {AnonymousKibibytes(ours.pid()), AnonymousKibibytes(peer.pid()), "KiB"};
}

}  // namespace

std::vector<Figure> SizeFigures() {
  return {
      {"bytes_per_element_hash10", "memory a field of 16 and 5 bytes in hashes of 10; redis-server's used_memory",
       [](const Plan& p) { return PerElement(p, kShort, kHash); }},
      {"bytes_per_element_list10", "memory an element of 16 bytes in lists of 10; the same",
       [](const Plan& p) { return PerElement(p, kShort, kList); }},
      {"bytes_per_element_list", "in a list of 100 000; the same",
       [](const Plan& p) { return PerElement(p, kLong, kList); }},
      {"bytes_per_element_set10", "in sets of 10; the same", [](const Plan& p) { return PerElement(p, kShort, kSet); }},
      {"bytes_per_element_set", "in a set of 100 000; the same",
       [](const Plan& p) { return PerElement(p, kLong, kSet); }},
      {"bytes_per_element_zset10", "in sorted sets of 10; the same",
       [](const Plan& p) { return PerElement(p, kShort, kSortedSet); }},
      {"bytes_per_element_zset", "in a sorted set of 100 000; the same",
       [](const Plan& p) { return PerElement(p, kLong, kSortedSet); }},
      {"library_size", "the stripped library: engine, scripts and client", LibrarySize},
      {"library_size_server", "anonymous resident memory of an idle dualis-server; redis-server", ServerSize},
  };
}

}  // namespace dualis::bench
