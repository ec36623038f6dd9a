// Snapshots: how long SAVE holds up everybody else, and how long loading takes, against redis-server's own.
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>

#include "bench/figure.h"
#include "dualis/client.h"
#include "dualis/engine.h"
#include "tests/client/private_server.h"

namespace dualis::bench {
namespace {

constexpr size_t kKeys = 1'000'000;

// The same million short strings in an engine and in a redis-server, and a folder for the files.
class Sides {
 public:
  explicit Sides(size_t keys) : keys_(keys) {
    char name[] = "/tmp/dualis-bench-XXXXXX";
    if (mkdtemp(name) == nullptr) throw std::runtime_error("no folder for snapshots");
    folder_ = name;
    server_ = std::make_unique<test::PrivateServer>(
        std::vector<std::string>{"--dir", folder_, "--enable-debug-command", "yes", "--dbfilename", "peer.rdb"});
    KeyText text(16);
    {
      auto session = engine->Connect();
      for (size_t i = 0; i < keys; ++i) (void)session->Run(cmd::Set{.key = text(i), .value = "0123456789abcdef"});
    }
    Save();
    std::filesystem::copy_file(ours(), folder_ + "/peer.rdb");
    peer_ = std::make_unique<Client>(Client::Connect(server_->url()).value());
    Reload();
  }
  ~Sides() {
    server_.reset();
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  std::string ours() const { return folder_ + "/ours.rdb"; }
  void Save() { engine->SaveFile(ours()).value(); }
  void Load() { engine->LoadFile(ours()).value(); }
  void PeerSave() { peer_->save().value(); }
  void Reload() { peer_->command({"DEBUG", "RELOAD", "NOSAVE"}).value(); }
  size_t keys() const { return keys_; }

  std::unique_ptr<Engine> engine = Engine::Create({.seed = 1});

 private:
  size_t keys_;
  std::string folder_;
  std::unique_ptr<test::PrivateServer> server_;
  std::unique_ptr<Client> peer_;
};

Measured Saving(const Plan& plan) {
  Sides sides(plan.Scale(kKeys));
  return Alternate(
      plan, [&] { return TimePer(sides.keys(), [&] { sides.Save(); }); },
      [&] { return TimePer(sides.keys(), [&] { sides.PeerSave(); }); });
}

Measured Loading(const Plan& plan) {
  Sides sides(plan.Scale(kKeys));
  return Alternate(
      plan, [&] { return TimePer(sides.keys(), [&] { sides.Load(); }); },
      [&] { return TimePer(sides.keys(), [&] { sides.Reload(); }); });
}

}  // namespace

std::vector<Figure> SnapshotFigures() {
  return {
      {"snapshot_save", "a key of a million short strings written to a file, against SAVE", &Saving},
      {"snapshot_load", "a key of the same file loaded, against DEBUG RELOAD NOSAVE", &Loading},
  };
}

}  // namespace dualis::bench
