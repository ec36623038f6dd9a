// expiry [URL]: a key that lives for 50 ms, which pass at once on an engine with a manual clock.
#include <iostream>

#include "examples/parts/expiry.h"
#include "examples/parts/home.h"

int main(int argc, char** argv) {
  dualis::Client client = examples::Home(argc > 1 ? argv[1] : "", "expiry");
  const examples::Expired seen = examples::OrDie(examples::LetExpire(client, "token"));
  std::cout << "before: " << (seen.before ? "there" : "gone") << ", after: " << (seen.after ? "there" : "gone") << "\n";
  examples::OrDie(client.flush_prefix());
}
