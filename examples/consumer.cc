// consumer [URL]: a thread sleeps in BLPOP, another one gives it work.
#include <iostream>

#include "examples/parts/consumer.h"
#include "examples/parts/home.h"

int main(int argc, char** argv) {
  dualis::Client client = examples::Home(argc > 1 ? argv[1] : "", "consumer");
  for (const std::string& job : examples::OrDie(examples::ProduceAndConsume(client, "jobs"))) {
    std::cout << "did " << job << "\n";
  }
  examples::OrDie(client.flush_prefix());
}
