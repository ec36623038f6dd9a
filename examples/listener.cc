// A Redis server inside this program, for clients that speak the protocol: here one of ours over TCP, as a stand-in for
// a program under test that knows nothing of us.
#include "dualis/listener.h"

#include <iostream>
#include <string>

#include "dualis/client.h"

int main() {
  const auto engine = dualis::Engine::Create();
  auto listener = dualis::Listener::Open(*engine);  // 127.0.0.1, and any port that is free
  if (!listener) {
    std::cout << "cannot listen: " << listener.error().message() << "\n";
    return 1;
  }
  (*listener)->Start();
  const std::string url = "redis://127.0.0.1:" + std::to_string((*listener)->port());

  auto program = dualis::Client::Connect(url);
  if (!program || !program->set("greeting", "hello")) {
    std::cout << "cannot reach " << url << "\n";
    return 1;
  }

  // The test looks into the engine directly.
  const auto stored = engine->Connect()->Run(dualis::cmd::Get{"greeting"});
  std::cout << "the program stored: " << stored.value().value_or("nothing") << "\n";
  return stored.value() == "hello" ? 0 : 1;
}
